#pragma once

#include <functional>
#include <optional>
#include <string>

#include "clickflow/http/client.h"
#include "clickflow/http/sse.h"
#include "clickflow/mcp/message.h"

namespace clickflow::remote {

/// Reads one HTTP response as MCP's transport has it: a JSON body, or a stream of events, is taken apart into
/// messages; anything else is kept for the words of an error. It may read several responses in turn (a stream
/// that is resumed), and remembers where the stream was.
class Reply : public http::Receiver {
 public:
  /// Gets the head of the response that the message came in. Returns true when it has got what it waited for.
  using OnMessage = std::function<bool(const http::ResponseHead&, mcp::Message)>;

  Reply(size_t max_message, OnMessage on_message)
      : max_message_(max_message), on_message_(std::move(on_message)) {}

  bool on_head(const http::ResponseHead& head) override;
  http::Next on_body(std::string_view piece) override;
  /// Called when the response has ended well. Gives out what a JSON body held, be it that of a refusal.
  void finish();
  /// Ready for the next response.
  void restart();

  const http::ResponseHead& head() const { return head_; }
  bool ok() const { return head_.status >= 200 && head_.status < 300; }
  bool is_stream() const { return stream_.has_value(); }
  bool is_json() const { return ok() && !stream_ && head_.media_type() == "application/json"; }
  /// The body of a response that is neither; 64 KiB of it at most.
  const std::string& body() const { return body_; }

  /// What was waited for has come.
  bool done() const { return done_; }
  /// Something of a response has come.
  bool heard() const { return head_.status != 0; }
  /// What was wrong with what the server said, in words; empty if nothing was.
  const std::string& problem() const { return problem_; }
  const std::string& last_event_id() const { return last_event_id_; }
  std::optional<int> retry() const { return retry_; }
  /// The stream can be taken up again behind its last event.
  bool can_resume() const;
  /// The session is lost. That is told with 404; some servers, older SDKs' among them, say 400 and speak of
  /// the session, but not in an answer to the request itself (`request_id`, where there was one).
  bool lost_session(std::string_view request_id) const;
  /// Counts what is new on the stream: events and ids.
  size_t events() const { return events_; }

 private:
  void take(std::string text);

  const size_t max_message_;
  const OnMessage on_message_;
  http::ResponseHead head_;
  std::optional<http::SseParser> stream_;
  std::string body_;
  std::string problem_;
  std::string last_event_id_;
  std::optional<int> retry_;
  size_t events_ = 0;
  bool done_ = false;
};

/// What a status that is no success means, in words.
Error status_error(const Url& url, const http::ResponseHead& head, std::string_view body);

}  // namespace clickflow::remote
