#include "clickflow/sandbox/replies.h"

#include "clickflow/sandbox/json.h"

namespace clickflow::sandbox {

Reply json_reply(std::string body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
}

Reply detail_reply(int status, std::string_view detail) {
  Reply reply = json_reply(one_field("detail", detail));
  reply.status = status;
  return reply;
}

Reply refusal(int status, mcp::ErrorNumber code, std::string_view message) {
  Reply reply = json_reply(mcp::make_error({}, code, message));
  reply.status = status;
  return reply;
}

}  // namespace clickflow::sandbox
