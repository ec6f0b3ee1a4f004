#include "clickflow/bridge/sign_in_offer.h"

#include "clickflow/mcp/json.h"

namespace clickflow::bridge {

bool asks_to_sign_in(const mcp::Message& message) {
  return message.method() == "tools/call" && mcp::json::says(message.param("name"), sign_in_tool);
}

}  // namespace clickflow::bridge
