#pragma once

#include <catch2/catch_test_macros.hpp>

#include "../support.h"
#include "clickflow/sandbox/event_stream.h"
#include "clickflow/sandbox/site.h"
#include "support/json.h"

namespace clickflow::sandbox::testing {

using Headers = std::map<std::string, std::string>;

constexpr const char* meta_version = "io.modelcontextprotocol/protocolVersion";
constexpr const char* meta_capabilities = "io.modelcontextprotocol/clientCapabilities";

/// A sandbox, and a client of it that speaks 2026-07-28.
struct ModernDesk {
  explicit ModernDesk(McpSettings wanted = {}) : settings(std::move(wanted)) {}

  Folder folder;
  Hands hands;
  McpSettings settings;
  ApiKeys keys{folder.path() / "keys.json", hands.clock()};
  Roadmap roadmap;
  Workflows workflows{hands.clock(), 1};
  Site site{"http://127.0.0.1:8787", keys, {roadmap, workflows}, {}, with_clock(settings)};
  std::string key = make_key();

  McpSettings with_clock(McpSettings given) {
    given.clock = hands.clock();
    return given;
  }
  std::string make_key(const char* scope = "tools:*", const char* organization = "org_abc123") {
    return std::string(
        keys.create({"Test", organization, {*clickflow::mcp::Scope::parse(scope)}, {}})->secret.expose());
  }

  static Json meta(Json capabilities = Json::object()) {
    return {{meta_version, "2026-07-28"},
            {"io.modelcontextprotocol/clientInfo", {{"name", "test"}, {"version", "1"}}},
            {meta_capabilities, std::move(capabilities)}};
  }
  /// A request that keeps all rules; `params` may have a `_meta` of its own, in whole.
  static Json request(const std::string& method, Json params = Json::object(), Json id = 1) {
    if (!params.contains("_meta")) params["_meta"] = meta();
    return {{"jsonrpc", "2.0"}, {"id", std::move(id)}, {"method", method}, {"params", std::move(params)}};
  }
  static Json call(const std::string& tool, Json arguments = Json::object(), Json more = Json::object()) {
    more["name"] = tool;
    more["arguments"] = std::move(arguments);
    return request("tools/call", std::move(more));
  }
  /// The fields that such a request has to come with.
  static Headers headers_of(const Json& message) {
    Headers headers{{"mcp-protocol-version", "2026-07-28"}, {"mcp-method", message.value("method", "")}};
    const Json params = member(message, "params");
    if (params.contains("name")) headers["mcp-name"] = params.at("name");
    const Json organization = member(member(params, "arguments"), "organization_id");
    if (organization.is_string()) headers["mcp-param-organization"] = organization;
    return headers;
  }

  Reply send(std::string body, Headers headers, const char* method = "POST") {
    headers.emplace("authorization", "Bearer " + key);
    headers.emplace("content-type", "application/json");
    headers.emplace("accept", "application/json, text/event-stream");
    return site.handle({method, "/v1/mcp", std::move(headers), std::move(body)});
  }
  /// With its headers, of which `changed` ones win; those that are changed to nothing are left out.
  Reply post(const Json& message, const Headers& changed = {}) {
    Headers headers = headers_of(message);
    for (const auto& [name, value] : changed) {
      headers.erase(name);
      if (!value.empty()) headers.emplace(name, value);
    }
    return send(to_text(message), std::move(headers));
  }
  Json result(const Json& message, const Headers& changed = {}) {
    const Reply reply = post(message, changed);
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return parse_json(reply.body).at("result");
  }
  /// A draft that runs; the id of its workflow.
  std::string draft(const std::string& prompt = "") {
    const Json arguments{{"keyword", "tea"}, {"start_drafting", true}, {"prompt", prompt}};
    return result(call("platform.create_roadmap_item", arguments)).at("structuredContent").at("workflow_id");
  }
};

inline Json json_of(const Reply& reply) {
  INFO(reply.body);
  return parse_json(reply.body);
}

inline int error_code(const Reply& reply) {
  return json_of(reply).at("error").at("code");
}

inline std::string header_of(const Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "";
}

/// What a stream has sent by now, as it is; a stream that has ended adds nothing.
inline std::string read_now(const Reply& reply, int milliseconds = 0) {
  REQUIRE(reply.events);
  std::string text;
  reply.events->next(text, milliseconds);
  return text;
}

/// The messages of a stream, until it ends.
inline std::vector<Json> messages_of(const Reply& reply) {
  REQUIRE(reply.events);
  std::string all, text;
  for (int i = 0;; ++i) {
    REQUIRE(i < 200);
    if (reply.events->next(text, 50) == EventReader::Next::end) break;
    all += text;
  }
  std::vector<Json> messages;
  for (size_t at = 0; (at = all.find("data: ", at)) != std::string::npos;) {
    at += 6;
    messages.push_back(parse_json(all.substr(at, all.find('\n', at) - at)));
  }
  return messages;
}

}  // namespace clickflow::sandbox::testing
