#include "clickflow/sandbox/site.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "clickflow/sandbox/event_stream.h"
#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;

namespace {

struct Desk {
  sandbox::testing::Folder folder;
  sandbox::testing::Hands hands;
  ApiKeys keys{folder.path() / "keys.json", hands.clock()};
  Roadmap roadmap;
  Workflows workflows{hands.clock(), 1};
  Site site{"http://127.0.0.1:8787", keys, {roadmap, workflows}};

  std::string key(const char* scope = "tools:*", std::optional<Time> expires = std::nullopt) {
    return std::string(
        keys.create({"Test", "org_abc123", {*mcp::Scope::parse(scope)}, expires})->secret.expose());
  }
  Reply rest(const char* method, const std::string& target, const std::string& key, std::string body = "",
             std::map<std::string, std::string> headers = {}) {
    headers.emplace("authorization", "Bearer " + key);
    headers.emplace("content-type", "application/json");
    return site.handle(
        {method, target.substr(0, target.find('?')), std::move(headers), std::move(body), target});
  }
  Reply mcp(const std::string& key, std::string body, std::map<std::string, std::string> headers = {},
            const char* method = "POST") {
    headers.emplace("authorization", "Bearer " + key);
    headers.emplace("content-type", "application/json");
    headers.emplace("accept", "application/json, text/event-stream");
    return site.handle({method, "/v1/mcp", std::move(headers), std::move(body)});
  }
  std::string session(const std::string& key, const char* version = "2025-11-25") {
    const Reply reply = mcp(key, initialize(version));
    REQUIRE(reply.status == 200);
    return reply.headers.at(0).second;
  }
  static std::string initialize(const std::string& version) {
    return R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" + version +
           R"(","capabilities":{},"clientInfo":{"name":"test","version":"1"}}})";
  }
};

Json json(const Reply& reply) {
  INFO(reply.body);
  return parse_json(reply.body);
}

std::string call(const char* tool, const char* arguments = "{}", const char* meta = "") {
  return std::string(R"({"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":")") + tool +
         R"(","arguments":)" + arguments + meta + "}}";
}

std::string all_of(EventReader& reader) {
  std::string all, text;
  for (int i = 0; i < 200; ++i) {
    const auto next = reader.next(text, 50);
    if (next == EventReader::Next::end) return all;
    all += text;
  }
  FAIL("the stream did not end");
  return all;
}

}  // namespace

TEST_CASE("Whoever can't be known gets the document's 401, byte for byte, on both faces") {
  Desk desk;
  const std::string expired = desk.key("tools:*", desk.hands.now() - std::chrono::seconds(1));
  const std::string revoked = desk.key();
  const auto keys = desk.keys.list();
  for (const auto& key : *keys) {
    if (!key.expires) REQUIRE(desk.keys.revoke(key.id));
  }
  const auto authorization =
      GENERATE_COPY(std::string(), std::string("Bearer"), std::string("Bearer "),
                    std::string("Bearer cf_ak_wrong"), std::string("Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln"),
                    "Bearer " + expired, "Bearer " + revoked, std::string("Basic Y2ZfYWtfeDp5"));
  const auto path = GENERATE("/v1/mcp", "/v1/api/organizations");
  CAPTURE(authorization, path);
  const Reply reply = desk.site.handle({"GET", path, {{"authorization", authorization}}, ""});
  CHECK(reply.status == 401);
  CHECK(reply.content_type == "application/json");
  CHECK(reply.body == R"({"error": "unauthorized"})");
  REQUIRE(reply.headers.size() == 1);
  CHECK(reply.headers[0].first == "WWW-Authenticate");
  CHECK(reply.headers[0].second ==
        R"(Bearer resource_metadata="http://127.0.0.1:8787/v1/.well-known/oauth-protected-resource")");
}

TEST_CASE("The metadata of the resource needs no credential, and lies where ClickFlow has it") {
  Desk desk;
  const Reply reply = desk.site.handle({"GET", "/v1/.well-known/oauth-protected-resource", {}, ""});
  CHECK(reply.status == 200);
  CHECK(json(reply).at("resource") == "http://127.0.0.1:8787/v1/mcp");
  CHECK(json(reply).at("authorization_servers").is_array());
  CHECK(desk.site.handle({"GET", "/.well-known/oauth-protected-resource/v1/mcp", {}, ""}).status == 404);
}

TEST_CASE("A page on another site can't reach the sandbox") {
  Desk desk;
  const std::string key = desk.key();
  const auto status = [&](std::map<std::string, std::string> headers) {
    return desk.mcp(key, Desk::initialize("2025-11-25"), std::move(headers)).status;
  };
  CHECK(status({{"origin", "http://localhost:3000"}, {"host", "127.0.0.1:8787"}}) == 200);
  CHECK(status({{"origin", "https://evil.example"}}) == 403);
  CHECK(status({{"origin", "null"}}) == 403);
  CHECK(status({{"origin", "http://127.0.0.1.evil.example"}}) == 403);
  CHECK(status({{"host", "evil.example:8787"}}) == 403);
}

TEST_CASE("Over REST a missing scope is a 403 with the document's detail") {
  Desk desk;
  const std::string key = desk.key("tools:platform.list_roadmap_items");
  const Reply refused = desk.rest("POST", "/v1/api/roadmap-items", key, R"({"keyword": "tea"})");
  CHECK(refused.status == 403);
  CHECK(refused.body == R"({"detail": "Insufficient scope: tools:platform.create_roadmap_item"})");
  CHECK(desk.rest("GET", "/v1/api/roadmap-items", key).status == 200);
}

TEST_CASE("Over MCP a missing scope is an error in the tool's result, in the same words") {
  Desk desk;
  const std::string key = desk.key("tools:workflows.*");
  const Reply reply = desk.mcp(key, call("platform.create_roadmap_item", R"({"keyword": "tea"})"),
                               {{"mcp-session-id", desk.session(key)}});
  CHECK(reply.status == 200);
  CHECK(json(reply).at("result") == parse_json(R"({"content": [{"type": "text",
                        "text": "Insufficient scope: tools:platform.create_roadmap_item"}], "isError": true})"));
}

TEST_CASE("REST has the calls of the document") {
  Desk desk;
  const std::string key = desk.key();
  const Json created =
      json(desk.rest("POST", "/v1/api/roadmap-items", key, R"({"keyword": "tea", "start_drafting": true})"));
  const std::string path = "/v1/api/workflows/" + created.at("workflow_id").get<std::string>() + "/status";
  CHECK(json(desk.rest("GET", path, key)).at("status") == "In Progress");
  CHECK(json(desk.rest("GET", "/v1/api/roadmap-items", key)).at("count") == 4);
  CHECK(json(desk.rest("GET", "/v1/api/roadmap-items?status=%61pproved", key)).at("count") == 1);
  CHECK(json(desk.rest("GET", "/v1/api/organizations", key)).at("count") == 2);
  CHECK(
      desk.rest("POST", "/v1/api/switch-organization", key, R"({"organization_id": "org_xyz789"})").status ==
      200);
  CHECK(json(desk.rest("GET", "/v1/api/roadmap-items", key)).at("count") == 1);
  CHECK(desk.rest("GET", path, key).status == 404);
}

TEST_CASE("REST says what is wrong with a request") {
  Desk desk;
  const std::string key = desk.key();
  CHECK(desk.rest("GET", "/v1/api/nothing", key).body == R"({"detail": "Not Found"})");
  CHECK(desk.rest("GET", "/v1/api/workflows//status/more", key).status == 404);
  CHECK(desk.rest("DELETE", "/v1/api/roadmap-items", key).status == 405);
  CHECK(desk.rest("POST", "/v1/api/roadmap-items", key, "{").status == 400);
  CHECK(desk.rest("GET", "/v1/api/roadmap-items?status=%", key).status == 400);
  const Reply reply = desk.rest("POST", "/v1/api/roadmap-items", key, "{}");
  CHECK(reply.status == 400);
  CHECK(reply.body == R"({"detail": "\"keyword\" is required."})");
}

TEST_CASE("REST answers for the workflow that the path names, whatever the query says") {
  Desk desk;
  const std::string key = desk.key();
  const Json created =
      json(desk.rest("POST", "/v1/api/roadmap-items", key, R"({"keyword": "tea", "start_drafting": true})"));
  const std::string path = "/v1/api/workflows/" + created.at("workflow_id").get<std::string>() + "/status";
  CHECK(desk.rest("GET", path + "?workflow_id=wf_other", key).status == 200);
}

TEST_CASE("REST takes no body but JSON") {
  Desk desk;
  const std::string key = desk.key();
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded"}) {
    CAPTURE(type);
    const Reply reply =
        desk.rest("POST", "/v1/api/roadmap-items", key, R"({"keyword": "tea"})", {{"content-type", type}});
    CHECK(reply.status == 415);
  }
  CHECK(json(desk.rest("GET", "/v1/api/roadmap-items", key)).at("count") == 3);
}

TEST_CASE("X-Organization-Id counts for each call, on both faces") {
  Desk desk;
  const std::string key = desk.key();
  CHECK(json(desk.rest("GET", "/v1/api/roadmap-items", key, "", {{"x-organization-id", "org_xyz789"}}))
            .at("count") == 1);
  CHECK(json(desk.rest("GET", "/v1/api/roadmap-items", key)).at("count") == 3);

  const Reply foreign =
      desk.rest("GET", "/v1/api/roadmap-items", key, "", {{"x-organization-id", "org_of_others"}});
  CHECK(foreign.status == 403);
  CHECK(foreign.body == R"({"error": "Organization not found or you don't have access"})");

  const std::string session = desk.session(key);
  const auto items = [&](const char* organization) {
    return json(desk.mcp(key, call("platform.list_roadmap_items"),
                         {{"mcp-session-id", session}, {"x-organization-id", organization}}))
        .at("result");
  };
  CHECK(items("org_xyz789").at("structuredContent").at("count") == 1);
  CHECK(items("org_of_others").at("isError") == true);
  CHECK(items("org_of_others").at("content").at(0).at("text") == foreign.body);
}

TEST_CASE("A revision that is known is agreed on, and any other becomes the newest") {
  Desk desk;
  const std::string key = desk.key();
  const auto agreed = [&](const char* version) {
    return json(desk.mcp(key, Desk::initialize(version))).at("result").at("protocolVersion");
  };
  for (const char* version : {"2025-03-26", "2025-06-18", "2025-11-25"}) CHECK(agreed(version) == version);
  CHECK(agreed("2024-11-05") == "2025-11-25");
  CHECK(agreed("2026-07-28") == "2025-11-25");
}

TEST_CASE("Requests need a session, and it is its maker's alone") {
  Desk desk;
  const std::string key = desk.key();
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  const std::string session = desk.session(key);
  CHECK(desk.mcp(key, ping, {{"mcp-session-id", session}}).body == R"({"jsonrpc":"2.0","id":1,"result":{}})");
  CHECK(desk.mcp(key, ping).status == 400);
  CHECK(desk.mcp(key, ping, {{"mcp-session-id", "unknown"}}).status == 404);
  CHECK(desk.mcp(desk.key(), ping, {{"mcp-session-id", session}}).status == 404);
  CHECK(desk.mcp(key, "", {{"mcp-session-id", session}}, "DELETE").status == 200);
  CHECK(desk.mcp(key, ping, {{"mcp-session-id", session}}).status == 404);
  CHECK(desk.mcp(key, "", {{"mcp-session-id", session}}, "DELETE").status == 404);
  CHECK(desk.mcp(key, "", {{"mcp-session-id", session}}, "GET").status == 404);
}

TEST_CASE("Notifications and responses are accepted without a body") {
  Desk desk;
  const std::string key = desk.key();
  const std::string session = desk.session(key);
  for (const char* message :
       {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}})",
        R"({"jsonrpc":"2.0","id":9,"result":{}})"}) {
    CAPTURE(message);
    const Reply reply = desk.mcp(key, message, {{"mcp-session-id", session}});
    CHECK(reply.status == 202);
    CHECK(reply.body.empty());
  }
}

TEST_CASE("What breaks the transport's rules is refused with the fitting status") {
  Desk desk;
  const std::string key = desk.key();
  const std::string session = desk.session(key);
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  const auto status = [&](std::string body, std::map<std::string, std::string> headers) {
    headers.emplace("mcp-session-id", session);
    return desk.mcp(key, std::move(body), std::move(headers)).status;
  };
  CHECK(status(ping, {{"mcp-protocol-version", "2025-06-18"}}) == 200);
  CHECK(status(ping, {{"mcp-protocol-version", "2026-07-28"}}) == 400);
  CHECK(status(ping, {{"mcp-protocol-version", "nonsense"}}) == 400);
  CHECK(status(ping, {{"accept", "application/json"}}) == 406);
  CHECK(status(ping, {{"accept", "text/event-stream"}}) == 406);
  CHECK(status(ping, {{"accept", "*/*"}}) == 200);
  CHECK(status(ping, {{"content-type", "text/plain"}}) == 415);
  CHECK(status("{", {}) == 400);
  CHECK(status("3", {}) == 400);
  CHECK(status(R"({"jsonrpc":"2.0","id":null,"method":"ping"})", {}) == 400);
  CHECK(status("[" + ping + "]", {}) == 400);
  CHECK(status(Desk::initialize("2025-11-25"), {}) == 200);  // an error in the answer
  CHECK(desk.mcp(key, "", {{"mcp-session-id", session}}, "PUT").status == 405);
}

TEST_CASE("2025-03-26 has batches") {
  Desk desk;
  const std::string key = desk.key();
  const std::map<std::string, std::string> headers{{"mcp-session-id", desk.session(key, "2025-03-26")}};
  const Reply reply = desk.mcp(key,
                               R"([{"jsonrpc":"2.0","id":1,"method":"ping"},
                                   {"jsonrpc":"2.0","method":"notifications/initialized"},
                                   {"jsonrpc":"2.0","id":"two","method":"nothing"}, 3])",
                               headers);
  const Json answers = json(reply);
  REQUIRE(answers.size() == 3);
  CHECK(answers.at(0).at("result") == Json::object());
  CHECK(answers.at(1).at("error").at("code") == -32601);
  CHECK(answers.at(2).at("error").at("code") == -32600);
  CHECK(desk.mcp(key, R"([{"jsonrpc":"2.0","method":"notifications/initialized"}])", headers).status == 202);
  CHECK(desk.mcp(key, "[]", headers).status == 400);
}

TEST_CASE("What a revision does not know is left out") {
  Desk desk;
  const std::string key = desk.key();
  const auto result = [&](const char* version, const std::string& body) {
    return json(desk.mcp(key, body, {{"mcp-session-id", desk.session(key, version)}})).at("result");
  };
  const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  CHECK(result("2025-11-25", list).at("tools").at(0).contains("title"));
  CHECK_FALSE(result("2025-03-26", list).at("tools").at(0).contains("title"));
  CHECK(result("2025-06-18", call("platform.list_organizations")).contains("structuredContent"));
  CHECK_FALSE(result("2025-03-26", call("platform.list_organizations")).contains("structuredContent"));
}

TEST_CASE("An unknown tool, an unknown method and a missing name are errors of the protocol") {
  Desk desk;
  const std::string key = desk.key();
  const std::string session = desk.session(key);
  const auto code = [&](const std::string& body) {
    return json(desk.mcp(key, body, {{"mcp-session-id", session}})).at("error").at("code").get<int>();
  };
  CHECK(code(call("platform.nothing")) == -32602);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}})") == -32602);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"resources/list"})") == -32601);
  CHECK(code(Desk::initialize("2025-11-25")) == -32601);
}

TEST_CASE("A call that asks for progress gets it, rising, and its answer last") {
  Desk desk;
  const std::string key = desk.key();
  const std::string session = desk.session(key);
  const Json created =
      json(desk.rest("POST", "/v1/api/roadmap-items", key, R"({"keyword": "tea", "start_drafting": true})"));
  desk.hands.move(std::chrono::seconds(9));
  const Reply reply =
      desk.mcp(key,
               call("workflows.get_status", to_text({{"workflow_id", created.at("workflow_id")}}).c_str(),
                    R"(,"_meta":{"progressToken":7})"),
               {{"mcp-session-id", session}});
  CHECK(reply.content_type == "text/event-stream");
  REQUIRE(reply.events);
  const std::string all = all_of(*reply.events);
  const size_t progress =
      all.find(R"("params":{"progressToken":7,"progress":100,"total":100,"message":"Done"})");
  const size_t answer = all.find(R"("id":"a","result")");
  CHECK(all.starts_with("id: 2-0\nretry: 500\ndata: \n\n"));
  CHECK(progress != std::string::npos);
  CHECK(answer > progress);
}

TEST_CASE("A cancelled call ends without an answer, and at once") {
  Desk desk;
  const std::string key = desk.key();
  const std::string session = desk.session(key);
  const Json created =
      json(desk.rest("POST", "/v1/api/roadmap-items", key, R"({"keyword": "tea", "start_drafting": true})"));
  const std::string body =
      call("workflows.get_status", to_text({{"workflow_id", created.at("workflow_id")}}).c_str(),
           R"(,"_meta":{"progressToken":"t"})");
  const Reply reply = desk.mcp(key, body, {{"mcp-session-id", session}});
  REQUIRE(reply.events);
  CHECK(json(desk.mcp(key, body, {{"mcp-session-id", session}})).at("error").at("code") ==
        -32600);  // the id is taken
  CHECK(desk.mcp(key, R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}})",
                 {{"mcp-session-id", session}})
            .status == 202);
  CHECK(all_of(*reply.events).find("\"result\"") == std::string::npos);
}

TEST_CASE("Switching to an organization with other tools is announced to the listener") {
  Desk desk;
  const std::string key = desk.key();
  const std::string session = desk.session(key, "2025-06-18");
  const Reply listening = desk.mcp(key, "", {{"mcp-session-id", session}}, "GET");
  REQUIRE(listening.events);
  const auto switch_to = [&](const char* organization) {
    desk.mcp(key, call("platform.switch_organization", organization), {{"mcp-session-id", session}});
  };
  switch_to(R"({"organization_id": "org_xyz789"})");
  std::string text;
  REQUIRE(listening.events->next(text, 0) == EventReader::Next::text);
  CHECK(text.find(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})") != std::string::npos);
  const Json tools =
      json(desk.mcp(key, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", {{"mcp-session-id", session}}));
  CHECK(tools.at("result").at("tools").size() == 8);
  switch_to(R"({"organization_id": "org_xyz789"})");
  CHECK(listening.events->next(text, 0) == EventReader::Next::nothing);
}

TEST_CASE("A stream is taken up again where it broke, and only with an id of its session") {
  Desk desk;
  const std::string key = desk.key();
  const std::string session = desk.session(key);
  const Reply call_reply =
      desk.mcp(key, call("platform.list_organizations", "{}", R"(,"_meta":{"progressToken":1})"),
               {{"mcp-session-id", session}});
  REQUIRE(call_reply.events);
  const auto resume = [&](const char* event) {
    return desk.mcp(key, "", {{"mcp-session-id", session}, {"last-event-id", event}}, "GET");
  };
  const Reply resumed = resume("2-0");
  REQUIRE(resumed.events);
  CHECK(all_of(*resumed.events).find(R"("id":"a","result")") != std::string::npos);
  CHECK(all_of(*call_reply.events).empty());
  CHECK(resume("99-0").status == 400);
  CHECK(resume("2-9").status == 400);
  CHECK(resume("nonsense").status == 400);
}
