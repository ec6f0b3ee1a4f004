#include "translation.h"

#include <algorithm>
#include <array>

#include "canonical_json.h"
#include "clickflow/base/sha256.h"
#include "clickflow/mcp/capabilities.h"
#include "clickflow/mcp/input_request.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/request_meta.h"

namespace clickflow::bridge::modern_host {
namespace {

namespace json = mcp::json;
namespace meta = mcp::meta;

constexpr std::array<std::string_view, 8> levels{"debug", "info",     "notice", "warning",
                                                 "error", "critical", "alert",  "emergency"};

// 2025-11-25, "Resources", Error Handling; no longer in modern revisions.
constexpr std::string_view resource_not_found = "-32002";

template <size_t N>
bool is_among(std::string_view text, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool is_cacheable(std::string_view method) {
  constexpr std::array<std::string_view, 5> cacheable{"tools/list", "prompts/list", "resources/list",
                                                      "resources/templates/list", "resources/read"};
  return is_among(method, cacheable);
}

std::string without_modern_meta(std::string_view params) {
  constexpr std::array<std::string_view, 4> modern{meta::revision, meta::client_info,
                                                   meta::client_capabilities, meta::log_level};
  const auto old = mcp::meta_of(params);
  std::string left = "{";
  bool changed = false;
  json::Members members(old);
  while (const auto member = members.next()) {
    if (is_among(json::decode(member->key), modern)) {
      changed = true;
      continue;
    }
    if (left.size() > 1) left += ',';
    left.append(member->key).append(":").append(member->value);
  }
  if (!changed) return std::string(params);
  if (left.size() == 1) return json::without_member(params, "_meta");
  return json::with_member(params, "_meta", left + '}');
}

// What a legacy result lacks to be a modern one, each with a comma before it.
std::string missing_members(std::string_view result, std::string_view method) {
  std::string missing;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!json::member(result, name)) missing.append(",\"").append(name).append("\":").append(value);
  };
  add("resultType", R"("complete")");
  if (is_cacheable(method)) {
    add("ttlMs", "0");
    add("cacheScope", R"("private")");
  }
  return missing;
}

std::string modern_result(std::string_view id, std::string_view result, std::string_view method) {
  if (!json::is_object(result)) return mcp::make_result(id, result);
  const auto type = json::member(result, "resultType");
  if (type && !json::says(*type, "complete"))
    return modern_result(id, json::with_member(result, "resultType", R"("complete")"), method);
  std::string missing = missing_members(result, method);
  if (!json::Members(result).next() && !missing.empty()) missing.erase(0, 1);
  return mcp::make_result(id, {result.substr(0, result.size() - 1), missing, "}"});
}

std::string modern_error(std::string_view error) {
  const auto code = json::member(error, "code");
  if (!code || *code != resource_not_found) return std::string(error);
  return json::with_member(error, "code", std::to_string(mcp::invalid_params));
}

}  // namespace

std::string legacy_params(const mcp::Message& request) {
  const std::string params = without_modern_meta(request.params());
  if (!mcp::may_ask_for_input(request.method())) return params;
  return json::without_member(json::without_member(params, "inputResponses"), "requestState");
}

mcp::Message legacy_request(const mcp::Message& request, std::string_view id) {
  const std::string params = request.params().empty() ? "" : legacy_params(request);
  return mcp::Message::of(mcp::make_request(id, request.method(), params));
}

mcp::Message modern_response(const mcp::Message& response, const mcp::Message& request) {
  return mcp::Message::of(response.error().empty()
                              ? modern_result(request.id(), response.result(), request.method())
                              : mcp::make_error_of(request.id(), modern_error(response.error())));
}

std::string legacy_capabilities(std::string_view declared) {
  if (!json::is_object(declared)) return "{}";
  std::string capabilities = mcp::without_tasks(declared);
  if (const auto roots = json::member(capabilities, "roots"))
    capabilities = json::with_member(capabilities, "roots", json::without_member(*roots, "listChanged"));
  return capabilities;
}

std::optional<int> log_rank(std::string_view level) {
  if (!json::is_string(level)) return std::nullopt;
  const auto found = std::find(levels.begin(), levels.end(), json::decode(level));
  if (found == levels.end()) return std::nullopt;
  return static_cast<int>(found - levels.begin());
}

std::string log_level_params(int rank) {
  return R"({"level":)" + json::encode(levels.at(static_cast<size_t>(rank))) + '}';
}

std::string request_digest(const mcp::Message& request) {
  return sha256(request.method() + '\n' +
                canonical_json(json::without_member(legacy_params(request), "_meta")));
}

}  // namespace clickflow::bridge::modern_host
