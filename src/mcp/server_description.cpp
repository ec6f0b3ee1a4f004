#include "clickflow/mcp/server_description.h"

#include "clickflow/mcp/capabilities.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
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
  return json::ObjectText()
      .add("protocolVersion", json::encode(revision))
      .add("capabilities", translated ? without_tasks(capabilities) : capabilities)
      .add("serverInfo", info.empty() ? unknown_server : info)
      .add_if_any("instructions", instructions)
      .text();
}

std::string ServerDescription::discover_result(long long ttl_ms, bool translated) const {
  std::string revisions;
  for (const auto revision : modern_revisions)
    revisions += (revisions.empty() ? "" : ",") + json::encode(revision);
  json::ObjectText result;
  result.add("resultType", R"("complete")")
      .add("supportedVersions", "[" + revisions + "]")
      .add("capabilities", translated ? without_tasks(capabilities) : capabilities)
      .add_if_any("instructions", instructions)
      .add("ttlMs", std::to_string(ttl_ms))
      .add("cacheScope", R"("private")");  // what one person may see need not be what another may
  if (!info.empty()) result.add("_meta", json::ObjectText().add(meta::server_info, info).text());
  return result.text();
}

}  // namespace clickflow::mcp
