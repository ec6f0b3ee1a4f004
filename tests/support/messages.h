#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "clickflow/mcp/message.h"
#include "clickflow/remote/remote.h"

namespace clickflow::testing {

inline mcp::Message message(std::string text) {
  auto parsed = mcp::Message::parse(text);
  if (!parsed) throw std::invalid_argument(parsed.error().what + " in " + text);
  return std::move(*parsed);
}

inline std::string request_text(const std::string& id, const std::string& method,
                                const std::string& params = "{}") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params + "}";
}
inline mcp::Message request(const std::string& id, const std::string& method,
                            const std::string& params = "{}") {
  return message(request_text(id, method, params));
}
inline std::string notification_text(const std::string& method, const std::string& params = "{}") {
  return R"({"jsonrpc":"2.0","method":")" + method + R"(","params":)" + params + "}";
}
inline mcp::Message notification(const std::string& method, const std::string& params = "{}") {
  return message(notification_text(method, params));
}
inline mcp::Message response_to(const mcp::Message& request, const std::string& result = "{}") {
  return message(mcp::make_result(request.id(), result));
}

/// Keeps what a server says.
struct Collected : remote::Receiver {
  void on_message(mcp::Message said) override { messages.push_back(said.text()); }
  std::vector<std::string> messages;
};

}  // namespace clickflow::testing
