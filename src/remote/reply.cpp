#include "reply.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/base/json.h"
#include "clickflow/base/log.h"

namespace clickflow::remote {
namespace {

constexpr size_t longest_error_body = 64 * 1024;
constexpr size_t longest_detail = 300;

// The server's own words, where its body has some.
std::string detail(std::string_view body) {
  const auto parsed = parse_json(body);
  if (!parsed.is_object()) return {};
  const Json* at = &parsed;
  if (const auto error = parsed.find("error"); error != parsed.end() && error->is_object()) at = &*error;
  for (const char* name : {"detail", "message", "error_description", "error"}) {
    const auto found = at->find(name);
    if (found != at->end() && found->is_string())
      return log::redact(found->get<std::string>().substr(0, longest_detail));
  }
  return {};
}

}  // namespace

bool Reply::on_head(const http::ResponseHead& head) {
  head_ = head;
  if (ok() && head.media_type() == "text/event-stream") stream_.emplace(max_message_);
  if (is_json()) {
    // Spares the copies of a growing buffer. A server that lies gets no memory for it.
    size_t length = 0;
    if (const auto value = head.headers.get("Content-Length")) {
      length = static_cast<size_t>(std::strtoull(std::string(*value).c_str(), nullptr, 10));
    }
    body_.reserve(std::min(length, max_message_));
  }
  return true;
}

http::Next Reply::on_body(std::string_view piece) {
  if (!stream_) {
    if (!is_json()) {
      body_ += piece.substr(0, longest_error_body - body_.size());
      return body_.size() < longest_error_body ? http::Next::more : http::Next::enough;
    }
    if (body_.size() + piece.size() > max_message_) {
      problem_ = "The server's answer is longer than " + std::to_string(max_message_) + " bytes.";
      return http::Next::stop;
    }
    body_ += piece;
    return http::Next::more;
  }
  stream_->feed(piece, [&](http::SseEvent event) {
    ++events_;
    // An event without data only tells its id.
    if (event.event == "message" && !event.data.empty()) take(std::move(event.data));
    return !done_;
  });
  if (!stream_->last_event_id().empty() && stream_->last_event_id() != last_event_id_) {
    ++events_;
    last_event_id_ = stream_->last_event_id();
  }
  if (stream_->retry()) retry_ = stream_->retry();
  if (stream_->too_long()) {
    problem_ = "The server sent an event that is longer than " + std::to_string(max_message_) + " bytes.";
    return http::Next::stop;
  }
  return done_ ? http::Next::enough : http::Next::more;
}

void Reply::finish() {
  if (stream_) return;
  if (is_json() && body_.empty()) {
    problem_ = "The server's answer is empty.";
  } else if (is_json()) {
    take(std::move(body_));
  } else if (!ok() && mcp::Message::parse(body_)) {
    take(body_);
  }
}

bool Reply::can_resume() const {
  return !last_event_id_.empty() && http::is_valid_value(last_event_id_);
}

bool Reply::lost_session(std::string_view request_id) const {
  if (head_.status == 404) return true;
  if (head_.status != 400) return false;
  const auto said = mcp::Message::parse(body_);
  if (said && !request_id.empty() && mcp::same_id(said->id(), request_id)) return false;
  return body_.find("session") != std::string::npos || body_.find("Session") != std::string::npos;
}

void Reply::restart() {
  head_ = {};
  stream_.reset();
  body_.clear();
}

void Reply::take(std::string text) {
  if (mcp::looks_like_batch(text)) {
    auto batch = mcp::split_batch(text);
    if (!batch) {
      problem_ = "The server sent a batch that is not valid JSON.";
      log::warn("{}", problem_);
      return;
    }
    for (auto& element : *batch) take(std::move(element));
    return;
  }
  auto message = mcp::Message::from_peer(std::move(text));
  if (!message) {
    problem_ = "The server sent something that is no MCP message. (" + message.error().what + ")";
    log::warn("{}", problem_);
    return;
  }
  if (on_message_(head_, std::move(*message))) done_ = true;
}

Error status_error(const Url& url, const http::ResponseHead& head, std::string_view body) {
  const std::string server = url.origin();
  const std::string words = detail(body);
  const std::string said = words.empty() ? "" : " (\"" + words + "\")";
  const std::string status = "HTTP " + std::to_string(head.status);
  switch (head.status) {
    case 403:
      return {ErrorCode::forbidden, server + " does not allow this" + said + ".",
              "Check the organization and the scopes of your API key."};
    case 404:
    case 405:
      return {ErrorCode::rejected,
              "There is no MCP server at " + url.to_string() + " (" + status + ")" + said + ".",
              "Check --url."};
    case 413:
      return {ErrorCode::rejected, server + " takes no request as long as this one.", "Send less at once."};
    case 429:
    case 503: {
      const auto seconds = head.retry_after();
      return {ErrorCode::busy, server + " is busy and did not do it (" + status + ")" + said + ".",
              seconds ? "Try again in " + std::to_string(*seconds) + " s." : "Try again in a moment."};
    }
    default:
      break;
  }
  if (head.status >= 300 && head.status < 400) {
    return {ErrorCode::rejected,
            server + " sends us to another address (" + status + "), which is not followed.",
            "If you trust it, give that address with --url."};
  }
  if (head.status >= 500) {
    return {ErrorCode::lost, server + " failed (" + status + ")" + said + ".", "Try again later."};
  }
  return {ErrorCode::rejected, server + " refused the request (" + status + ")" + said + ".",
          "Check the request; if it is right, tell whoever runs the server."};
}

}  // namespace clickflow::remote
