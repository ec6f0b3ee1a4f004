#include <catch2/catch_test_macros.hpp>

#include "clickflow/bridge/bridge.h"
#include "support/bridge_rig.h"
#include "support/json.h"

using namespace clickflow;
using namespace clickflow::testing;

namespace {

std::string params(const std::string& more = {}, const std::string& capabilities = "{}") {
  return R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
         R"("io.modelcontextprotocol/clientCapabilities":)" +
         capabilities + R"(,"progressToken":3})" + more + "}";
}

Json receive(BridgeRig& rig) {
  const auto line = rig.host.receive();
  return line ? parse_json(*line) : Json();
}

constexpr auto subscription = R"("io.modelcontextprotocol/subscriptionId")";

// Agrees to everything, tells of one change, and goes on until it is cancelled.
Result<void> listening(const mcp::Message& asked, remote::Receiver& receiver,
                       const auth::Occasion& occasion) {
  const std::string tag = std::string(R"({"_meta":{)") + subscription + ":" + std::string(asked.id()) + "}";
  receiver.on_message(
      notification("notifications/subscriptions/acknowledged",
                   tag + R"(,"notifications":)" + std::string(asked.param("notifications")) + "}"));
  while (occasion.cancellation.sleep(60'000)) continue;
  return fail(ErrorCode::cancelled, "The request was cancelled.", "");
}

}  // namespace

TEST_CASE("A modern host's first request needs no handshake, and its answer passes byte for byte") {
  BridgeRig rig;
  rig.remote.answer("prompts/get", R"({"resultType":"complete", "n":1.50})");
  rig.start();
  rig.host.send(request_text("1", "prompts/get", params()));
  CHECK(rig.host.receive() == R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete", "n":1.50}})");
  CHECK(rig.remote.sent() == std::vector<std::string>{request_text("1", "prompts/get", params())});
}

TEST_CASE("A result that does not say its type is complete, and the host is told so") {
  BridgeRig rig;
  rig.remote.answer("prompts/get", R"({"n":1.50})");
  rig.remote.answer("tools/list", R"({"tools":[]})");
  rig.start();
  rig.host.send(request_text("1", "prompts/get", params()));
  CHECK(rig.host.receive() == R"({"jsonrpc":"2.0","id":1,"result":{"n":1.50,"resultType":"complete"}})");
  rig.host.send(request_text("2", "tools/list", params()));
  CHECK(receive(rig)["result"]["resultType"] == "complete");
  rig.host.send(request_text("3", "prompts/get"));
  CHECK(rig.host.receive() == R"({"jsonrpc":"2.0","id":3,"result":{"n":1.50}})");
}

TEST_CASE("A request that does not say what it must is answered here") {
  BridgeRig rig;
  rig.start();
  rig.host.send(request_text("1", "server/discover"));
  CHECK(receive(rig)["error"]["code"] == -32602);
  rig.host.send(request_text(
      "2", "tools/list",
      R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2031-01-01","io.modelcontextprotocol/clientCapabilities":{}}})"));
  CHECK(receive(rig)["error"]["code"] == -32022);
  CHECK(rig.remote.sent().empty());
}

TEST_CASE(
    "A modern host's call that fails or is refused here has a result of a type, or a code of the "
    "revision's") {
  BridgeRig rig(
      {.policy = {.allowed = {*mcp::Scope::parse("tools:good")}, .organization = {}, .exempt = {}}});
  const auto fails = [](const mcp::Message&, remote::Receiver&, const auth::Occasion&) -> Result<void> {
    return fail(ErrorCode::unreachable, "Away.", "Wait.");
  };
  rig.remote.on("tools/call", fails);
  rig.remote.on("prompts/get", fails);
  rig.start();
  for (const auto* name : {"bad", "good"}) {
    rig.host.send(request_text("1", "tools/call", params(R"(,"name":")" + std::string(name) + "\"")));
    const auto result = receive(rig)["result"];
    CHECK(result["isError"] == true);
    CHECK(result["resultType"] == "complete");
  }
  rig.host.send(request_text("2", "prompts/get", params()));
  const auto error = receive(rig)["error"];
  CHECK(error["code"] == -32603);
  CHECK(error["data"]["reason"] == "unreachable");
}

TEST_CASE(
    "A modern host's cancellation ends the call, and the server is told by the end of the stream alone") {
  BridgeRig rig;
  rig.remote.on("subscriptions/listen", listening);
  rig.start();
  rig.host.send(request_text("1", "subscriptions/listen", params(R"(,"notifications":{})")));
  CHECK(receive(rig)["method"] == "notifications/subscriptions/acknowledged");
  rig.host.send(notification_text("notifications/cancelled", R"({"requestId":1})"));
  rig.host.send(request_text("2", "tools/list", params()));
  CHECK(receive(rig)["id"] == 2);
  CHECK(rig.remote.count("notifications/cancelled") == 0);
  CHECK(rig.end());
}

TEST_CASE("A subscription holds nobody up when the host goes") {
  BridgeRig rig;
  rig.remote.on("subscriptions/listen", listening);
  rig.start();
  rig.host.send(request_text("1", "subscriptions/listen", params(R"(,"notifications":{})")));
  CHECK(receive(rig)["method"] == "notifications/subscriptions/acknowledged");
  const Stopwatch watch;
  CHECK(rig.end());
  CHECK(watch.elapsed() < patience / 2);
}

TEST_CASE("A modern host is asked nothing") {
  BridgeRig rig;
  bool could_show_a_link = true;
  rig.remote.on("tools/call",
                [&](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion& occasion) {
                  could_show_a_link = occasion.show_link && occasion.show_link("https://a.b/");
                  occasion.notice("Sign in, please.");
                  receiver.on_message(request("\"s1\"", "roots/list"));
                  receiver.on_message(response_to(asked));
                  return Result<void>{};
                });
  rig.start();
  rig.host.send(request_text("3", "tools/call", params(R"(,"name":"t")")));
  CHECK(receive(rig)["method"] == "notifications/progress");
  CHECK(receive(rig)["id"] == 3);
  CHECK_FALSE(could_show_a_link);
  rig.host.send(request_text("4", "prompts/list", params()));
  CHECK(receive(rig)["id"] == 4);
}

TEST_CASE(
    "A modern host that shows links gets the one to sign in as the answer, and comes back with the call") {
  BridgeRig rig;
  std::atomic<int> calls = 0, shown = 0;
  rig.remote.on("tools/call",
                [&](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion& occasion) {
                  ++calls;
                  shown += occasion.show_link && occasion.show_link("https://a.b/?c=\"d\"");
                  if (occasion.cancellation.cancelled())
                    return Result<void>(fail(ErrorCode::cancelled, "Not waited for.", ""));
                  receiver.on_message(response_to(asked));
                  return Result<void>();
                });
  rig.start();
  const auto call = [&](const std::string& id, const std::string& more) {
    rig.host.send(request_text(
        id, "tools/call", params(R"(,"name":"t","arguments":{})" + more, R"({"elicitation":{"url":{}}})")));
    return receive(rig)["result"];
  };
  const auto asked = call("1", "");
  CHECK(asked["resultType"] == "input_required");
  const auto question = asked["inputRequests"]["sign-in"];
  CHECK(question["method"] == "elicitation/create");
  CHECK(question["params"]["mode"] == "url");
  CHECK(question["params"]["url"] == "https://a.b/?c=\"d\"");

  const auto answered = [&](const std::string& action) {
    return R"(,"inputResponses":{"sign-in":{"action":")" + action + R"("}},"requestState":)" +
           to_text(asked["requestState"]);
  };
  CHECK(call("2", answered("decline"))["isError"] == true);
  CHECK(calls == 1);
  CHECK(call("3", answered("accept"))["resultType"] == "complete");
  CHECK(calls == 2);
  const auto sent = parse_json(rig.remote.sent().back())["params"];
  CHECK(sent["name"] == "t");
  CHECK_FALSE(sent.contains("inputResponses"));
  CHECK_FALSE(sent.contains("requestState"));

  // What comes back with an answer for the server is not asked for anything else.
  CHECK(call("4", R"(,"inputResponses":{},"requestState":"the server's")")["resultType"] == "complete");
  // The first call's answer is out before its link counts as shown.
  CHECK(rig.end());
  CHECK(shown == 2);
}

TEST_CASE("What is asked of the server for a modern host's call is asked in its manner") {
  BridgeRig rig;
  rig.remote.answer("tools/list", R"({"tools":[{"name":"a.b"}]})");
  rig.start();
  rig.host.send(request_text("1", "tools/call", params(R"(,"name":"a_b")")));
  CHECK(receive(rig)["id"] == 1);
  const auto list = parse_json(rig.remote.sent().at(0));
  CHECK(list["method"] == "tools/list");
  CHECK(list["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] == "2026-07-28");
  CHECK_FALSE(list["params"]["_meta"].contains("progressToken"));
  CHECK(parse_json(rig.remote.sent().at(1))["params"]["name"] == "a.b");
}
