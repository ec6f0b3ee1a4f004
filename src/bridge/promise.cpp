#include "clickflow/bridge/promise.h"

#include <algorithm>
#include <array>

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/lists.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;

// Spoken over stdio as the ones after it are.
constexpr std::string_view oldest_revision = "2024-11-05";

struct Need {
  std::string_view method;
  std::string_view capability;
  std::string_view part;  // of the capability; may be empty
};
constexpr std::array<Need, 8> needs{{{"tools/list", "tools", ""},
                                     {"prompts/list", "prompts", ""},
                                     {"resources/list", "resources", ""},
                                     {"resources/templates/list", "resources", ""},
                                     {"resources/subscribe", "resources", "subscribe"},
                                     {"resources/unsubscribe", "resources", "subscribe"},
                                     {"logging/setLevel", "logging", ""},
                                     {"completion/complete", "completions", ""}}};

}  // namespace

mcp::ServerDescription unknown_server() {
  return {
      R"({"tools":{"listChanged":true},"prompts":{"listChanged":true},"resources":{"listChanged":true,"subscribe":true},"logging":{},"completions":{}})",
      R"({"name":"clickflow-mcp","title":"ClickFlow","version":")" CLICKFLOW_VERSION R"("})",
      R"("ClickFlow's tools appear here when the person is signed in and ClickFlow can be reached.")"};
}

std::string with_list_changes(std::string_view capabilities) {
  std::string all(capabilities);
  for (const auto& names : mcp::lists) {
    const auto declared = json::member(all, names.change.feature);
    if (!declared || json::member(*declared, "listChanged") == "true") continue;
    const std::string changing = json::with_member(*declared, "listChanged", "true");
    all = json::with_member(all, names.change.feature, changing);
  }
  return all;
}

bool are_enough_for(std::string_view capabilities, std::string_view method) {
  const auto need =
      std::find_if(needs.begin(), needs.end(), [&](const auto& each) { return each.method == method; });
  if (need == needs.end()) return true;
  const auto declared = json::member(capabilities, need->capability);
  if (!declared) return false;
  return need->part.empty() || json::member(*declared, need->part) == "true";
}

std::optional<mcp::Message> stand_in_for(const mcp::Message& request) {
  auto result = [&](std::string_view text) { return mcp::Message::of(mcp::make_result(request.id(), text)); };
  const auto& method = request.method();
  if (const auto list = mcp::list_of_method(method)) return result(mcp::empty_list(*list));
  // A modern host has not been promised what its revision has not got.
  const bool has_sessions = mcp::era_of(request) == mcp::Era::legacy;
  if (has_sessions && (method == "logging/setLevel" || method == "resources/unsubscribe"))
    return result("{}");
  if (method == "completion/complete")
    return result(R"({"completion":{"values":[],"total":0,"hasMore":false}})");
  if (method == "resources/subscribe")
    return mcp::Message::of(mcp::make_error(request.id(), mcp::method_not_found,
                                            "The server does not tell of changes to its resources."));
  return {};
}

bool denies_method(const mcp::Message& answer) {
  return mcp::is_error(answer.error(), mcp::method_not_found);
}

std::string revision_to_greet(std::string_view asked) {
  std::string revision = json::is_string(asked) ? json::decode(asked) : "";
  const bool known = mcp::era_of_revision(revision) == mcp::Era::legacy || revision == oldest_revision;
  return known ? revision : std::string(mcp::newest_legacy_revision);
}

std::string list_result_for(mcp::Era host, std::string_view result, long long rest_ms) {
  if (host == mcp::Era::legacy) return std::string(result);
  std::string whole = json::with_member(result, "ttlMs", std::to_string(rest_ms));
  // What one person may see of a server need not be what another may.
  if (!json::member(whole, "cacheScope")) whole = json::with_member(whole, "cacheScope", "\"private\"");
  if (!json::member(whole, "resultType")) whole = json::with_member(whole, "resultType", "\"complete\"");
  return whole;
}

}  // namespace clickflow::bridge
