#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "clickflow/remote/remote.h"
#include "support/waiting.h"

namespace clickflow::testing {

/// A legacy MCP server without a network, with any number of sessions: a test says what each method does, and
/// may ask and tell the client things on either stream. Any thread.
class LegacyServer {
 public:
  class Session;

  /// A request that a handler is carrying out.
  class Call {
   public:
    Call(LegacyServer& the_server, Session& the_session, const mcp::Message& the_request,
         remote::Receiver& the_receiver, const auth::Occasion& the_occasion)
        : request(the_request),
          occasion(the_occasion),
          server_(the_server),
          session_(the_session),
          receiver_(the_receiver) {}

    const mcp::Message& request;
    const auth::Occasion& occasion;

    /// On the call's own stream.
    void say(const std::string& message) const;
    /// Sends a question there; its id, as JSON.
    std::string begin_to_ask(const std::string& method, const std::string& params = "{}") const;
    /// The client's response to it, as text. Nothing if the call was given up before, or within the limit.
    std::optional<std::string> wait_for_answer(const std::string& id) const;
    /// Both. The response's result, its error, or "gone".
    std::string ask(const std::string& method, const std::string& params = "{}") const;
    /// Until the client, or whoever waits for it, has cancelled it.
    void wait_until_cancelled() const;
    Session& session() const { return session_; }

   private:
    LegacyServer& server_;
    Session& session_;
    remote::Receiver& receiver_;
  };

  /// The result (JSON), or an error.
  struct Answer {
    Answer(std::string the_result) : result(std::move(the_result)) {}
    Answer(const char* the_result) : result(the_result) {}
    Answer(Error the_failure) : failure(std::move(the_failure)) {}
    static Answer error(std::string the_error) {
      Answer answer("");
      answer.error_object = std::move(the_error);
      return answer;
    }
    std::string result;
    std::string error_object;
    std::optional<Error> failure;  // of the way there
  };
  using Handler = std::function<Answer(const Call&)>;

  /// Set before the server is used. What has no handler gets `{}`.
  void on(const std::string& method, Handler handler) { handlers_[method] = std::move(handler); }
  void answered_with(const std::string& method, std::string result) {
    on(method, [result = std::move(result)](const Call&) { return Answer(result); });
  }
  /// What `initialize` answers with.
  std::string capabilities = "{}";
  std::string revision = "2025-11-25";
  std::string initialize_more;  // further members
  bool offers_stream = true;

  std::function<std::unique_ptr<remote::Remote>()> sessions();

  /// On the own stream of the session of that number, the first of which is 0, once it is there. Does not
  /// wait for the client to take it.
  void tell_unasked(size_t session, const std::string& message);
  std::string ask_unasked(size_t session, const std::string& method, const std::string& params = "{}");

  /// All that was sent, in a session, or of a method. close() appears as "close".
  std::vector<std::string> sent() const;
  std::vector<std::string> sent_in(size_t session) const;
  std::vector<std::string> sent(const std::string& method) const;
  size_t count(const std::string& method) const { return sent(method).size(); }
  bool wait_for_count(const std::string& method, size_t count) const;
  /// The client's response to a question of that id (JSON); nothing within the limit.
  std::optional<std::string> answer_to(const std::string& id, std::chrono::milliseconds limit = patience);
  /// How often the client has answered that question.
  size_t answers_to(const std::string& id) const;
  size_t session_count() const;

 private:
  struct Record {
    size_t session;
    std::string text;
    std::string method;
  };
  Result<void> take(Session& session, const mcp::Message& message, remote::Receiver& receiver,
                    const auth::Occasion& occasion);
  void listen(Session& session, remote::Receiver& receiver, const Cancellation& cancellation);
  std::vector<std::string> texts_of(const std::function<bool(const Record&)>& wanted) const;
  std::string next_id();
  bool is_cancelled(const Session& session, const std::string& id) const;  // with the lock

  std::map<std::string, Handler> handlers_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Record> records_;
  std::map<std::string, std::vector<std::string>> answers_;  // by question
  std::map<size_t, std::deque<std::string>> unasked_;        // by session
  std::vector<std::pair<size_t, std::string>> cancelled_;    // session and request
  size_t sessions_ = 0;
  size_t questions_ = 0;
};

class LegacyServer::Session : public remote::Remote {
 public:
  Session(LegacyServer& server, size_t the_number) : number(the_number), server_(server) {}
  Result<void> send(const mcp::Message& message, remote::Receiver& receiver,
                    const auth::Occasion& occasion) override {
    return server_.take(*this, message, receiver, occasion);
  }
  void listen(remote::Receiver& receiver, const Cancellation& cancellation) override {
    server_.listen(*this, receiver, cancellation);
  }
  void close(std::chrono::milliseconds limit) override;

  const size_t number;

 private:
  LegacyServer& server_;
};

}  // namespace clickflow::testing
