#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "host_request.h"
#include "places.h"
#include "question.h"
#include "session_pool.h"

namespace clickflow::bridge::modern_host {

/// A call that is open at the server, on a thread of its own, while the host's requests come and go: the one
/// that began it, and its retries. One of them at a time converses with it.
class LegacyCall : public CallInFlight, private remote::Receiver {
 public:
  /// Begun by that request. Nothing is sent yet.
  LegacyCall(SessionPool::Lease session, Places::Place place, const HostRequest& host);
  /// After end(), or before start().
  ~LegacyCall() override = default;

  const std::shared_ptr<LegacySession>& session() const { return session_.shared(); }
  const std::string& remote_id() const { return remote_id_; }

  void start();

  /// The server's response, as it came; or an `inputRequests` object: then the call is suspended; or why
  /// there will be neither.
  struct Asks {
    std::string input_requests;
  };
  using Turn = std::variant<mcp::Message, Asks, Error>;
  struct Pace {
    std::chrono::milliseconds gather_time;
    bool may_ask = true;  ///< else questions are refused
  };
  /// Gives the host what the server says, until it is the host's turn. Fails as the remote does, and with
  /// `cancelled`.
  Turn converse(const HostRequest& host, const Pace& pace);

  /// Sends the server a retry's answers (`inputResponses`) to what the host was asked; what they leave out
  /// stays open, if that host can still be asked it. Fails if one did not reach a server that still waits for
  /// it.
  Result<void> answer(std::string_view responses, const HostRequest& host);

  enum class Farewell {
    silent,  ///< the server is about to hear of the whole session's end
    refuse,  ///< what it still asks is answered with an error
    cancel,  ///< before that it is told that the call is given up, if it has not ended
  };
  /// Ends it, and its thread. Once.
  void end(Farewell farewell);
  /// Makes it end, without waiting for its thread.
  void abandon();

  void on_stray(const mcp::Message& said) override;
  bool has_progress_token(std::string_view token) const override;

 private:
  struct Open {
    std::string key;
    Question question;
  };
  using Item = std::function<void(const HostRequest&)>;

  void run();
  void on_message(mcp::Message said) override;
  void on_question(const mcp::Message& request);
  void on_withdrawal(const mcp::Message& cancelled);
  void hand_over(Item item, bool keep, bool wait);
  void refuse(const Question& question, const Refusal& why);
  void refuse_open(std::string_view why);
  template <class Wanted>
  std::vector<Open> take_open(Wanted wanted);
  std::string input_requests() const;

  const Places::Place place_;
  const SessionPool::Lease session_;
  const mcp::Message request_;  // as the server gets it
  const std::string remote_id_;
  const std::string progress_token_;
  const bool interactive_;
  Cancellation cancellation_;
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string capabilities_;  // of whoever conversed last
  bool attached_ = true;      // somebody converses, or will in a moment
  bool over_ = false;         // end() has been called
  std::deque<Item> items_;    // for the host, in order
  size_t added_ = 0, taken_ = 0;
  std::vector<Open> open_;
  unsigned questions_ = 0;
  std::optional<tl::expected<mcp::Message, Error>> outcome_;
};

}  // namespace clickflow::bridge::modern_host
