#include "clickflow/sandbox/mcp/modern_face.h"

#include "support.h"
#include "support/waiting.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;
using clickflow::testing::eventually;
using std::chrono::seconds;

namespace {

constexpr const char* server_info_key = "io.modelcontextprotocol/serverInfo";

const Json list = ModernDesk::request("tools/list");

Json follow(const std::string& workflow, Json token = "t") {
  Json message = ModernDesk::call("workflows.get_status", {{"workflow_id", workflow}});
  message["params"]["_meta"]["progressToken"] = std::move(token);
  return message;
}

std::vector<std::string> names_of(const Json& result) {
  std::vector<std::string> names;
  for (const auto& tool : result.at("tools")) names.push_back(tool.at("name"));
  return names;
}

}  // namespace

TEST_CASE("server/discover says what there is, to be kept by anybody") {
  ModernDesk desk;
  const Reply reply = desk.post(ModernDesk::request("server/discover", Json::object(), "d"));
  CHECK(reply.status == 200);
  CHECK(reply.content_type == "application/json");
  CHECK(json_of(reply).at("id") == "d");
  const Json result = json_of(reply).at("result");
  CHECK(result.at("resultType") == "complete");
  CHECK(result.at("supportedVersions") ==
        Json::array({"2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"}));
  CHECK(result.at("capabilities") == parse_json(R"({"tools": {"listChanged": true}})"));
  CHECK(result.at("instructions").get<std::string>().starts_with("List the organizations first"));
  CHECK(result.at("ttlMs") > 0);
  CHECK(result.at("cacheScope") == "public");
  CHECK_FALSE(result.contains("serverInfo"));
}

TEST_CASE("Every result says that it is complete and who gives it") {
  ModernDesk desk;
  for (const Json& message :
       {ModernDesk::request("server/discover"), list, ModernDesk::call("platform.list_organizations"),
        ModernDesk::call("workflows.resume")}) {
    const Json result = desk.result(message);
    CAPTURE(to_text(message), to_text(result));
    CHECK(result.at("resultType") == "complete");
    CHECK(result.at("_meta").at(server_info_key).at("name") == "clickflow-sandbox");
    CHECK(result.at("_meta").at(server_info_key).at("version").is_string());
  }
}

TEST_CASE("The tools are listed in one order, to be kept by their caller alone") {
  ModernDesk desk;
  const Reply first = desk.post(list);
  CHECK(desk.post(list).body == first.body);
  const Json result = json_of(first).at("result");
  CHECK(result.at("cacheScope") == "private");
  CHECK(result.at("ttlMs") == 10000);
  CHECK(names_of(result) ==
        std::vector<std::string>{"platform.list_organizations", "platform.switch_organization",
                                 "platform.create_roadmap_item", "platform.list_roadmap_items",
                                 "platform.get_roadmap_item", "workflows.get_status", "workflows.resume"});
  CHECK(
      result.at("tools").at(1).at("inputSchema").at("properties").at("organization_id").at("x-mcp-header") ==
      "Organization");
}

TEST_CASE("A cursor that nobody gave out is refused") {
  ModernDesk desk;
  CHECK(error_code(desk.post(ModernDesk::request("tools/list", {{"cursor", "2"}}))) == -32602);
}

TEST_CASE("A call is answered with text and with the document that the text is") {
  ModernDesk desk;
  const Json result = desk.result(ModernDesk::call("platform.list_organizations"));
  CHECK(result.at("isError") == false);
  CHECK(result.at("structuredContent").at("count") == 2);
  CHECK(parse_json(result.at("content").at(0).at("text").get<std::string>()) ==
        result.at("structuredContent"));
}

TEST_CASE("What a tool refuses is a result, and what is no tool is an error") {
  ModernDesk desk;
  const Json refused = desk.result(ModernDesk::call("platform.create_roadmap_item"));
  CHECK(refused.at("isError") == true);
  CHECK_FALSE(refused.contains("structuredContent"));
  CHECK(error_code(desk.post(ModernDesk::call("platform.nothing"))) == -32602);
  CHECK(error_code(desk.post(ModernDesk::call("agents.suggest_keywords", {{"topic", "tea"}}))) == -32602);
  CHECK(error_code(desk.post(ModernDesk::request("tools/call"))) == -32602);
}

TEST_CASE("X-Organization-Id counts for a modern request too, for its list as for its call") {
  ModernDesk desk;
  const Headers there{{"x-organization-id", "org_xyz789"}};
  CHECK(names_of(desk.result(list, there)).back() == "agents.suggest_keywords");
  CHECK(names_of(desk.result(list)).size() == 7);
  const Json call = ModernDesk::call("platform.list_roadmap_items");
  CHECK(desk.result(call, there).at("structuredContent").at("count") == 1);
  const Json foreign = desk.result(call, {{"x-organization-id", "org_of_others"}});
  CHECK(foreign.at("isError") == true);
  CHECK(foreign.at("content").at(0).at("text") ==
        R"({"error": "Organization not found or you don't have access"})");
}

TEST_CASE("A switch holds for the credential, over REST as over modern MCP, and for no other") {
  ModernDesk desk;
  const auto count = [&] {
    return desk.result(ModernDesk::call("platform.list_roadmap_items")).at("structuredContent").at("count");
  };
  desk.result(ModernDesk::call("platform.switch_organization", {{"organization_id", "org_xyz789"}}));
  CHECK(count() == 1);
  CHECK(names_of(desk.result(list)).size() == 8);
  const Headers bearer{{"authorization", "Bearer " + desk.key}, {"content-type", "application/json"}};
  CHECK(json_of(desk.site.handle({"GET", "/v1/api/roadmap-items", bearer, ""})).at("count") == 1);
  desk.site.handle({"POST", "/v1/api/switch-organization", bearer, R"({"organization_id": "org_abc123"})"});
  CHECK(count() == 3);
  desk.result(ModernDesk::call("platform.switch_organization", {{"organization_id", "org_xyz789"}}));
  desk.key = desk.make_key();
  CHECK(count() == 3);
}

TEST_CASE("A modern call that asks for progress gets a stream without ids: progress, then its answer") {
  ModernDesk desk;
  const std::string workflow = desk.draft();
  desk.hands.move(seconds(9));
  const Reply reply = desk.post(follow(workflow, 7));
  CHECK(reply.status == 200);
  CHECK(reply.content_type == "text/event-stream");
  CHECK(header_of(reply, "X-Accel-Buffering") == "no");
  const auto messages = messages_of(reply);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0] == parse_json(R"({"jsonrpc": "2.0", "method": "notifications/progress", "params":
                                       {"progressToken": 7, "progress": 100, "total": 100, "message": "Done"}})"));
  CHECK(messages[1].at("id") == 1);
  CHECK(messages[1].at("result").at("resultType") == "complete");
  CHECK(messages[1].at("result").at("structuredContent").at("status") == "Completed");

  const Reply again = desk.post(follow(workflow));
  const std::string text = read_now(again, 1000);
  CHECK(text.starts_with("event: message\ndata: "));
  CHECK(text.find("id: ") == std::string::npos);
}

TEST_CASE("Clients that share a credential may use the same ids at the same time") {
  ModernDesk desk;
  const std::string workflow = desk.draft();
  const Reply first = desk.post(follow(workflow));
  const Reply second = desk.post(follow(workflow));
  REQUIRE(first.events);
  REQUIRE(second.events);
  desk.hands.move(seconds(9));
  CHECK(messages_of(first).back().contains("result"));
  CHECK(messages_of(second).back().contains("result"));
}

TEST_CASE("A call ends when its client closes the stream") {
  ModernDesk desk;
  const std::string workflow = desk.draft();
  std::vector<Reply> calls;
  while (calls.size() < 128) {
    calls.push_back(desk.post(follow(workflow)));
    REQUIRE(calls.back().events);
  }
  CHECK(error_code(desk.post(follow(workflow))) == -32603);  // no more at a time
  calls.clear();
  CHECK(eventually([&] { return desk.post(follow(workflow)).events != nullptr; }));
}

TEST_CASE("The calls that run end when the sandbox does, without an answer") {
  ModernDesk desk;
  const Reply reply = desk.post(follow(desk.draft()));
  REQUIRE(reply.events);
  desk.site.stop();
  for (const Json& message : messages_of(reply)) CHECK(message.at("method") == "notifications/progress");
}
