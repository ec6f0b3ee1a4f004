#include "clickflow/mcp/server_description.h"

#include "clickflow/mcp/capabilities.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"
#include "clickflow/mcp/revision.h"

namespace clickflow::mcp {
namespace {

constexpr std::string_view unknown_server = R"({"name":"unknown","version":"0"})";

}  // namespace

ServerDescription ServerDescription::of(std::string_view result) {
  ServerDescription server;
  auto take = [&](std::string_view name, bool (*fits)(std::string_view), std::string& into) {
    if (const auto value = json::member(result, name); value && fits(*value)) into = *value;
  };
  take("capabilities", json::is_object, server.capabilities);
  take("instructions", json::is_string, server.instructions);
  take("serverInfo", json::is_object, server.info);
  const auto info = json::member(meta_of(result), meta::server_info);
  if (info && json::is_object(*info)) server.info = *info;
  return server;
}

std::string ServerDescription::initialize_result(std::string_view revision, bool translated) const {
  std::string result = R"({"protocolVersion":)" + json::encode(revision) + R"(,"capabilities":)" +
                       (translated ? without_tasks(capabilities) : capabilities) + R"(,"serverInfo":)" +
                       (info.empty() ? std::string(unknown_server) : info);
  if (!instructions.empty()) result += R"(,"instructions":)" + instructions;
  return result + '}';
}

std::string ServerDescription::discover_result(long long ttl_ms, bool translated) const {
  std::string result = R"({"resultType":"complete","supportedVersions":[)";
  for (const auto revision : modern_revisions) {
    if (!result.ends_with('[')) result += ',';
    result += json::encode(revision);
  }
  result += R"(],"capabilities":)" + (translated ? without_tasks(capabilities) : capabilities);
  if (!instructions.empty()) result += R"(,"instructions":)" + instructions;
  // What one person may see of a server need not be what another may.
  result += R"(,"ttlMs":)" + std::to_string(ttl_ms) + R"(,"cacheScope":"private")";
  if (!info.empty()) result += R"(,"_meta":{)" + json::encode(meta::server_info) + ':' + info + '}';
  return result + '}';
}

}  // namespace clickflow::mcp
