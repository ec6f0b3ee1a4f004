#pragma once

#include <httplib.h>

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <string>

#include "clickflow/base/url.h"
#include "clickflow/sandbox/server.h"
#include "support.h"

namespace clickflow::sandbox::testing {

constexpr const char* initialize =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},)"
    R"("clientInfo":{"name":"test","version":"1"}}})";

/// A sandbox on a free port, and a client of it with a key.
struct ServerDesk {
  Folder folder;
  std::unique_ptr<Server> server;
  std::string key;
  httplib::Headers headers{{"Accept", "application/json, text/event-stream"}};

  explicit ServerDesk(double speed = 1, Protocol protocol = Protocol::dual, bool test_controls = false) {
    ServerSettings settings;
    settings.data = folder.path();
    settings.speed = speed;
    settings.protocol = protocol;
    settings.test_controls = test_controls;
    auto started = Server::start(settings);
    REQUIRE(started);
    server = *std::move(started);
    key = server->keys().create({"Test", "org_abc123", {*mcp::Scope::parse("tools:*")}, {}})->secret.expose();
    headers.emplace("Authorization", "Bearer " + key);
  }
  httplib::Client client() const {
    httplib::Client made(Url::parse(server->mcp_url())->origin());
    made.set_tcp_nodelay(true);
    made.set_read_timeout(10);
    return made;
  }
  void begin_session() {
    auto reply = client().Post("/v1/mcp", headers, initialize, "application/json");
    REQUIRE(reply);
    REQUIRE(reply->status == 200);
    headers.emplace("Mcp-Session-Id", reply->get_header_value("Mcp-Session-Id"));
    headers.emplace("MCP-Protocol-Version", "2025-11-25");
  }
  Json call(const std::string& tool, const Json& arguments) {
    const Json message{{"jsonrpc", "2.0"},
                       {"id", 1},
                       {"method", "tools/call"},
                       {"params", {{"name", tool}, {"arguments", arguments}}}};
    auto reply = client().Post("/v1/mcp", headers, to_text(message), "application/json");
    REQUIRE(reply);
    return parse_json(reply->body).at("result").at("structuredContent");
  }
};

inline bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace clickflow::sandbox::testing
