#include <catch2/generators/catch_generators.hpp>

#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;

namespace {

constexpr const char* handshake =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},)"
    R"("clientInfo":{"name":"test","version":"1"}}})";
constexpr const char* ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
constexpr const char* initialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
constexpr const char* response = R"({"jsonrpc":"2.0","id":1,"result":{}})";

std::string session_of(ModernDesk& desk) {
  const Reply reply = desk.send(handshake, {});
  REQUIRE(reply.status == 200);
  return header_of(reply, "Mcp-Session-Id");
}

ModernDesk desk_of(Protocol protocol) {
  return ModernDesk({protocol});
}

}  // namespace

TEST_CASE("A sandbox of both eras serves both side by side") {
  ModernDesk desk;
  const std::string session = session_of(desk);
  CHECK(desk.post(ModernDesk::request("tools/list")).status == 200);
  CHECK(desk.send(ping, {{"mcp-session-id", session}}).body == R"({"jsonrpc":"2.0","id":1,"result":{}})");
  CHECK(desk.send(ping, {{"mcp-session-id", session}, {"mcp-protocol-version", "2025-11-25"}}).status == 200);
}

TEST_CASE("A session means nothing to a modern request, and none is given") {
  ModernDesk desk;
  const Json list = ModernDesk::request("tools/list");
  const Reply plain = desk.post(list);
  CHECK(header_of(plain, "Mcp-Session-Id").empty());
  CHECK(desk.post(list, {{"mcp-session-id", "unknown"}}).body == plain.body);
  const std::string session = session_of(desk);
  desk.send(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"platform.switch_organization",)"
      R"("arguments":{"organization_id":"org_xyz789"}}})",
      {{"mcp-session-id", session}});
  CHECK(desk.post(list, {{"mcp-session-id", session}}).body == plain.body);
}

TEST_CASE("The header decides the era, and without it what the request says of itself") {
  ModernDesk desk;
  const Headers session{{"mcp-session-id", session_of(desk)}};
  const auto with_version = [&](const char* version) {
    Headers headers = session;
    headers.emplace("mcp-protocol-version", version);
    return headers;
  };
  // Modern: refused by the rules of that era.
  CHECK(error_code(desk.send(ping, with_version("2026-07-28"))) == -32602);
  CHECK(error_code(desk.send(ping, with_version("2099-01-01"))) == -32022);
  CHECK(error_code(desk.send(to_text(ModernDesk::request("tools/list")), session)) == -32020);
  CHECK(error_code(desk.send(R"({"jsonrpc":"2.0","id":1,"method":"server/discover"})", session)) == -32020);
  CHECK(error_code(desk.send(R"({"jsonrpc":"2.0","id":1,"method":"subscriptions/listen"})", session)) ==
        -32020);
  // Legacy: a revision in `_meta` that has a handshake means that, and so does the handshake.
  Json legacy = ModernDesk::request("tools/list");
  legacy["params"]["_meta"][meta_version] = "2025-11-25";
  CHECK(desk.send(to_text(legacy), session).status == 200);
  CHECK(desk.send(to_text(legacy), with_version("2025-11-25")).status == 200);
  CHECK(error_code(desk.send(to_text(legacy), {})) == -32000);  // no session
  Json greeting = parse_json(handshake);
  greeting["params"]["_meta"] = ModernDesk::meta();
  CHECK(desk.send(to_text(greeting), {}).status == 200);
  CHECK(error_code(desk.send(R"({"jsonrpc":"2.0","id":1,"method":"server/discover"})",
                             with_version("2025-11-25"))) == -32601);
}

TEST_CASE("The handshake, and what else modern MCP has done away with, are unknown methods there") {
  ModernDesk desk;
  const auto method = GENERATE("initialize", "ping", "logging/setLevel", "resources/subscribe",
                               "resources/unsubscribe", "resources/list", "nonsense");
  CAPTURE(method);
  const Reply reply = desk.post(ModernDesk::request(method, Json::object(), "seven"));
  CHECK(reply.status == 404);
  CHECK(error_code(reply) == -32601);
  CHECK(json_of(reply).at("id") == "seven");
}

TEST_CASE("Modern MCP has only POST") {
  ModernDesk desk;
  const std::string session = session_of(desk);
  for (const char* method : {"GET", "DELETE"}) {
    CAPTURE(method);
    const Reply reply = desk.send("", {}, method);
    CHECK(reply.status == 405);
    CHECK(header_of(reply, "Allow") == "POST");
    CHECK(
        desk.send("", {{"mcp-session-id", session}, {"mcp-protocol-version", "2026-07-28"}}, method).status ==
        405);
  }
  CHECK(desk.send("", {{"mcp-session-id", session}}, "GET").status == 200);
  CHECK(desk.send("", {{"mcp-session-id", session}}, "DELETE").status == 200);
}

TEST_CASE("Modern notifications are accepted and do nothing; responses and batches are refused") {
  ModernDesk desk;
  const Headers modern{{"mcp-protocol-version", "2026-07-28"}};
  const Reply accepted = desk.send(initialized, modern);
  CHECK(accepted.status == 202);
  CHECK(accepted.body.empty());
  CHECK(error_code(desk.send(initialized, {{"mcp-protocol-version", "2099-01-01"}})) == -32022);
  const Reply refused = desk.send(response, modern);
  CHECK(refused.status == 400);
  CHECK(error_code(refused) == -32600);
  const Reply batch = desk.send("[" + std::string(ping) + "]", modern);
  CHECK(batch.status == 400);
  CHECK(error_code(batch) == -32600);
}

TEST_CASE("What no era can read is refused in the same way for both") {
  ModernDesk desk;
  const Headers modern = ModernDesk::headers_of(ModernDesk::request("tools/list"));
  const auto status = [&](std::string body, Headers headers) {
    headers.insert(modern.begin(), modern.end());
    return desk.send(std::move(body), std::move(headers)).status;
  };
  const std::string list = to_text(ModernDesk::request("tools/list"));
  CHECK(status(list, {{"accept", "application/json"}}) == 406);
  CHECK(status(list, {{"accept", "text/event-stream"}}) == 406);
  CHECK(status(list, {{"content-type", "text/plain"}}) == 415);
  CHECK(status("{", {}) == 400);
  CHECK(status(R"({"jsonrpc":"2.0","id":null,"method":"tools/list"})", {}) == 400);
}

TEST_CASE("Who may come in does not depend on the era") {
  ModernDesk desk;
  const Headers modern = ModernDesk::headers_of(ModernDesk::request("tools/list"));
  Headers with_wrong_key = modern;
  with_wrong_key.emplace("authorization", "Bearer cf_ak_wrong");
  const Reply refused = desk.send(to_text(ModernDesk::request("tools/list")), with_wrong_key);
  const Reply legacy = desk.send(ping, {{"authorization", "Bearer cf_ak_wrong"}});
  CHECK(refused.status == 401);
  CHECK(refused.body == legacy.body);
  CHECK(refused.headers == legacy.headers);
  CHECK(desk.post(ModernDesk::request("tools/list"), {{"origin", "https://evil.example"}}).status == 403);

  desk.key = desk.make_key("tools:workflows.*");
  CHECK(
      desk.result(ModernDesk::call("platform.create_roadmap_item", {{"keyword", "tea"}})).at("content") ==
      parse_json(R"([{"type": "text", "text": "Insufficient scope: tools:platform.create_roadmap_item"}])"));
}

TEST_CASE("A legacy sandbox knows no other era") {
  ModernDesk desk = desk_of(Protocol::legacy);
  const Headers session{{"mcp-session-id", session_of(desk)}};
  CHECK(desk.send(ping, session).status == 200);
  const Reply reply = desk.post(ModernDesk::request("server/discover"));
  CHECK(reply.status == 400);
  CHECK(error_code(reply) == -32000);
  CHECK(desk.send("", {}, "GET").status == 400);
  CHECK(desk.send("", {}, "DELETE").status == 404);
  CHECK(header_of(desk.send("", {}, "PUT"), "Allow") == "GET, POST, DELETE");
}

TEST_CASE("A modern sandbox tells a legacy client which revisions there are") {
  ModernDesk desk = desk_of(Protocol::modern);
  const Reply reply = desk.send(handshake, {});
  CHECK(reply.status == 400);
  CHECK(json_of(reply).at("id") == 0);
  CHECK(json_of(reply).at("error") ==
        parse_json(R"({"code": -32022, "message": "Unsupported protocol version",
                        "data": {"supported": ["2026-07-28"], "requested": "2025-11-25"}})"));
  CHECK(error_code(desk.send(ping, {{"mcp-protocol-version", "2025-11-25"}})) == -32022);
  CHECK(error_code(desk.send(ping, {})) == -32020);
  CHECK(desk.send(initialized, {}).status == 202);
  CHECK(desk.send("", {{"mcp-session-id", "any"}}, "GET").status == 405);
  CHECK(desk.send("", {{"mcp-session-id", "any"}}, "DELETE").status == 405);
  CHECK(desk.result(ModernDesk::request("server/discover")).at("supportedVersions") ==
        Json::array({"2026-07-28"}));
}
