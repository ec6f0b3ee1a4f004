#include "clickflow/sandbox/mcp/posting.h"

#include <nlohmann/json.hpp>

#include "clickflow/sandbox/replies.h"

namespace clickflow::sandbox {

bool accepts(const Request& request, std::string_view type) {
  const std::string& accept = request.header("accept");
  return accept.empty() || accept.find(type) != std::string::npos || accept.find("*/*") != std::string::npos;
}

tl::expected<Posting, Reply> read_posting(const Request& request) {
  if (!accepts(request, "application/json") || !accepts(request, "text/event-stream")) {
    return tl::make_unexpected(
        refusal(406, mcp::no_answer,
                "Not Acceptable: Client must accept both application/json and text/event-stream"));
  }
  if (request.header("content-type").find("application/json") == std::string::npos) {
    return tl::make_unexpected(
        refusal(415, mcp::no_answer, "Unsupported Media Type: Content-Type must be application/json"));
  }
  Posting posting{request, mcp::looks_like_batch(request.body), mcp::Message::parse(request.body)};
  if (!posting.message && !posting.is_batch) {
    const mcp::Invalid& invalid = posting.message.error();
    Reply reply = json_reply(mcp::make_error(invalid.id, invalid.code, invalid.what));
    reply.status = 400;
    return tl::make_unexpected(std::move(reply));
  }
  return posting;
}

Json params_of(const mcp::Message& message) {
  const Json params = parse_json(message.params());
  return params.is_discarded() ? Json() : params;
}

std::string note_of(const mcp::Message& message) {
  if (message.is_response()) return "response";
  std::string note = message.method();
  if (note == "tools/call") note += " " + to_text(member(params_of(message), "name"));
  return note;
}

Reply with_note(Reply reply, std::string note) {
  reply.note = std::move(note);
  return reply;
}

Reply event_reply(std::shared_ptr<EventReader> events) {
  Reply reply;
  reply.content_type = "text/event-stream";
  reply.headers = {{"Cache-Control", "no-cache, no-transform"}};
  reply.events = std::move(events);
  return reply;
}

std::string notification(std::string_view method, const Json& params) {
  Json message{{"jsonrpc", "2.0"}, {"method", method}};
  if (!params.is_null()) message["params"] = params;
  return to_text(message);
}

}  // namespace clickflow::sandbox
