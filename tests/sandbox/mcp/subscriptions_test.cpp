#include "clickflow/sandbox/mcp/subscriptions.h"

#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;

namespace {

Json listen(Json filter, Json id = 1) {
  return ModernDesk::request("subscriptions/listen", {{"notifications", std::move(filter)}}, std::move(id));
}

void switch_to(ModernDesk& desk, const char* organization) {
  desk.result(ModernDesk::call("platform.switch_organization", {{"organization_id", organization}}));
}

constexpr const char* changed =
    "event: message\ndata: "
    R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{)"
    R"("io.modelcontextprotocol/subscriptionId":1}}})"
    "\n\n";

}  // namespace

TEST_CASE("A subscription is acknowledged first, with what of it is honoured") {
  ModernDesk desk;
  const Reply reply = desk.post(listen(
      {{"toolsListChanged", true}, {"promptsListChanged", true}, {"resourceSubscriptions", {"file:///a"}}},
      "s\u00e9"));
  CHECK(reply.status == 200);
  CHECK(reply.content_type == "text/event-stream");
  CHECK(header_of(reply, "X-Accel-Buffering") == "no");
  CHECK(
      read_now(reply) ==
      "event: message\ndata: "
      R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{)"
      R"("notifications":{"toolsListChanged":true},"_meta":{"io.modelcontextprotocol/subscriptionId":"sé"}}})"
      "\n\n");
  CHECK(read_now(reply).empty());

  const std::string none = read_now(desk.post(listen(Json::object())));
  CHECK(none.find(R"("notifications":{})") != std::string::npos);
}

TEST_CASE("A switch to an organization with other tools is told to the subscriptions of the credential") {
  ModernDesk desk;
  const Reply mine = desk.post(listen({{"toolsListChanged", true}}));
  const Reply not_wanted = desk.post(listen({{"toolsListChanged", false}}));
  const Reply elsewhere =
      desk.post(listen({{"toolsListChanged", true}}), {{"x-organization-id", "org_abc123"}});
  const std::string key = desk.key;
  desk.key = desk.make_key();
  const Reply of_another = desk.post(listen({{"toolsListChanged", true}}));
  desk.key = key;
  for (const Reply* reply : {&mine, &not_wanted, &elsewhere, &of_another})
    CHECK_FALSE(read_now(*reply).empty());

  switch_to(desk, "org_xyz789");
  CHECK(read_now(mine) == changed);
  switch_to(desk, "org_xyz789");  // nothing changes
  CHECK(read_now(mine).empty());
  switch_to(desk, "org_abc123");
  CHECK(read_now(mine) == changed);
  for (const Reply* reply : {&not_wanted, &elsewhere, &of_another}) CHECK(read_now(*reply).empty());
}

TEST_CASE("A first switch to the credential's own organization changes nothing") {
  ModernDesk desk;
  desk.key = desk.make_key("tools:*", "org_xyz789");
  const Reply reply = desk.post(listen({{"toolsListChanged", true}}));
  read_now(reply);
  switch_to(desk, "org_xyz789");
  CHECK(read_now(reply).empty());
}

TEST_CASE("A switch over REST is told too, and one in a legacy session is not") {
  ModernDesk desk;
  const Reply reply = desk.post(listen({{"toolsListChanged", true}}));
  read_now(reply);
  const Reply session = desk.send(
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})", {});
  desk.send(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"platform.switch_organization",)"
      R"("arguments":{"organization_id":"org_xyz789"}}})",
      {{"mcp-session-id", header_of(session, "Mcp-Session-Id")}});
  CHECK(read_now(reply).empty());
  desk.site.handle({"POST",
                    "/v1/api/switch-organization",
                    {{"authorization", "Bearer " + desk.key}, {"content-type", "application/json"}},
                    R"({"organization_id": "org_xyz789"})"});
  CHECK(read_now(reply) == changed);
}

TEST_CASE("A subscription without a filter, or with one that is none, is refused") {
  ModernDesk desk;
  CHECK(error_code(desk.post(ModernDesk::request("subscriptions/listen"))) == -32602);
  CHECK(error_code(desk.post(listen("tools"))) == -32602);
  CHECK(error_code(desk.post(listen({{"toolsListChanged", "yes"}}))) == -32602);
}

TEST_CASE("A subscription ends with the sandbox, and its result says so") {
  ModernDesk desk;
  const Reply reply = desk.post(listen({{"toolsListChanged", true}}, "s"));
  desk.site.stop();
  const auto messages = messages_of(reply);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].at("method") == "notifications/subscriptions/acknowledged");
  CHECK(messages[1].at("id") == "s");
  CHECK(messages[1].at("result").at("resultType") == "complete");
  CHECK(messages[1].at("result").at("_meta").at("io.modelcontextprotocol/subscriptionId") == "s");
  CHECK(messages[1].at("result").at("_meta").contains("io.modelcontextprotocol/serverInfo"));
  CHECK(error_code(desk.post(listen(Json::object()))) == -32603);
}

TEST_CASE("There are 64 subscriptions at a time, and one that is closed makes room") {
  ModernDesk desk;
  std::vector<Reply> open;
  while (open.size() < 64) open.push_back(desk.post(listen(Json::object())));
  CHECK(open.back().events);
  CHECK(error_code(desk.post(listen(Json::object()))) == -32603);
  open.pop_back();
  CHECK(desk.post(listen(Json::object())).events);
}
