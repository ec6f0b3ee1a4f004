#include "clickflow/sandbox/rpc.h"

#include <nlohmann/json.hpp>

namespace clickflow::sandbox::rpc {

std::optional<Kind> kind_of(const Json& message) {
  if (!message.is_object() || message.value("jsonrpc", Json()) != "2.0") return std::nullopt;
  const auto id = message.find("id");
  const bool has_id = id != message.end() && (id->is_string() || id->is_number_integer());
  if (const auto method = message.find("method"); method != message.end()) {
    if (!method->is_string()) return std::nullopt;
    if (has_id) return Kind::request;
    return id == message.end() ? std::optional(Kind::notification) : std::nullopt;
  }
  const bool answers = message.contains("result") != message.contains("error");
  return has_id && answers ? std::optional(Kind::response) : std::nullopt;
}

std::string result(const Json& id, const Json& value) {
  return to_text({{"jsonrpc", "2.0"}, {"id", id}, {"result", value}});
}

std::string error(const Json& id, Code code, std::string_view message) {
  return to_text(
      {{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", static_cast<int>(code)}, {"message", message}}}});
}

std::string notification(std::string_view method, const Json& params) {
  Json message{{"jsonrpc", "2.0"}, {"method", method}};
  if (!params.is_null()) message["params"] = params;
  return to_text(message);
}

Reply refuse(int status, Code code, std::string_view message) {
  Reply reply;
  reply.status = status;
  reply.body = error(nullptr, code, message);
  return reply;
}

}  // namespace clickflow::sandbox::rpc
