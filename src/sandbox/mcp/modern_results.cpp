#include "clickflow/sandbox/mcp/modern_results.h"

#include <nlohmann/json.hpp>

#include "clickflow/mcp/message.h"
#include "clickflow/mcp/request_meta.h"
#include "clickflow/sandbox/mcp/tool_messages.h"

namespace clickflow::sandbox {
namespace {

std::string result_text(const char* type, const Json& members) {
  Json result{{"resultType", type}};
  result.update(members);
  result["_meta"] = {{std::string(mcp::meta::server_info), server_info()}};
  return to_text(result);
}

// The id stays as the client spelt it.
std::string tagged(const std::string& object, std::string_view id) {
  return mcp::with_meta(object, mcp::meta::subscription_id, id);
}

}  // namespace

std::string complete(std::string_view id, const Json& result) {
  return mcp::make_result(id, result_text("complete", result));
}

std::string cacheable(std::string_view id, Json result, int ttl_ms, bool is_public) {
  result["ttlMs"] = ttl_ms;
  result["cacheScope"] = is_public ? "public" : "private";
  return complete(id, result);
}

std::string input_required(std::string_view id, const Json& requests, const std::string& state) {
  return mcp::make_result(
      id, result_text("input_required", {{"inputRequests", requests}, {"requestState", state}}));
}

std::string subscription_end(std::string_view id) {
  return mcp::make_result(id, tagged(result_text("complete", Json::object()), id));
}

std::string subscription_notification(std::string_view id, std::string_view method, const Json& params) {
  return R"({"jsonrpc":"2.0","method":")" + std::string(method) + R"(","params":)" +
         tagged(to_text(params), id) + "}";
}

}  // namespace clickflow::sandbox
