#include "exchange.h"

#include <algorithm>

#include "clickflow/base/log.h"
#include "clickflow/mcp/methods.h"

namespace clickflow::remote {
namespace {

constexpr auto look_first = "Look at the result in ClickFlow before you try again.";
constexpr auto more_time =
    ", or allow more time with --first-byte-timeout, --silence-timeout or --call-timeout.";

// The response ended well and was none.
Error no_response(const Reply& reply) {
  if (reply.is_stream())
    return {ErrorCode::lost, "The server ended its answer without a response.", "Try again later."};
  if (reply.is_json())
    return {ErrorCode::protocol, "The server answered another request than ours.", look_first};
  if (reply.body().empty())
    return {ErrorCode::protocol, "The server took the request and gave no answer.", look_first};
  const std::string type = reply.head().media_type();
  return {ErrorCode::protocol,
          "The server answered with " + (type.empty() ? "something that has no type" : log::redact(type)) +
              ", which is not MCP.",
          "Check --url."};
}

}  // namespace

Error in_doubt(Error why) {
  if (why.code != ErrorCode::lost && why.code != ErrorCode::timed_out) return why;
  why.what.pop_back();
  why.what += "; whether the request was carried out is not known.";
  why.remedy = look_first;
  return why;
}

http::Request make_post(const StreamableHttpSettings& settings, const mcp::Message& message) {
  http::Request request;
  request.method = "POST";
  request.url = settings.endpoint;
  request.headers = settings.headers;
  request.headers.set("Accept", "application/json, text/event-stream");
  request.limits = settings.limits;
  request.content_type = "application/json";
  request.may_repeat = mcp::may_repeat(message.method());
  request.body = message.text();
  return request;
}

void limit(http::Limits& limits, std::chrono::milliseconds most) {
  limits.first_byte = std::min(limits.first_byte, most);
  limits.silence = std::min(limits.silence, most);
  limits.whole = std::min(limits.whole.value_or(most), most);
}

std::optional<mcp::Message> answer_to(const mcp::Message& request, std::string_view sent_as,
                                      mcp::Message response) {
  if (response.id().empty()) return mcp::Message::of(mcp::make_error_of(request.id(), response.error()));
  if (!mcp::same_id(response.id(), sent_as)) {
    log::warn("the server answered {} with a response that nobody waits for; it is dropped",
              request.method());
    return {};
  }
  if (response.id() == request.id()) return response;
  return response.with(response.id(), request.id());
}

Error why_unanswered(const mcp::Message& request, const Result<void>& sent, const Reply& reply,
                     const Url& endpoint, const Cancellation& cancellation) {
  if (!cancellation.cancelled() && !reply.problem().empty())
    return {ErrorCode::protocol, reply.problem(), "Tell whoever runs the server."};
  Error why = !sent        ? sent.error()
              : reply.ok() ? no_response(reply)
                           : status_error(endpoint, reply.head(), reply.body());
  if (!mcp::is_harmless(request.method())) why = in_doubt(std::move(why));
  if (why.code == ErrorCode::timed_out) why.remedy.replace(why.remedy.size() - 1, 1, more_time);
  return why;
}

}  // namespace clickflow::remote
