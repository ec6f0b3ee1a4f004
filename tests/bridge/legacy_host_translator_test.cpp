#include "clickflow/bridge/legacy_host_translator.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "support/json.h"
#include "support/messages.h"
#include "support/scripted_remote.h"

using namespace clickflow;
using bridge::LegacyHostTranslator;
using clickflow::testing::message;
using clickflow::testing::notification;
using clickflow::testing::notification_text;
using clickflow::testing::request;
using clickflow::testing::ScriptedRemote;

namespace {

constexpr auto handshake =
    R"({"protocolVersion":"2025-06-18","clientInfo":{"name":"host","version":"3"},"capabilities":{"elicitation":{},"sampling":{},"roots":{},"tasks":{}}})";
constexpr auto discovery =
    R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true},"logging":{}},"instructions":"Be brief.","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"srv","version":"9"}}})";

// The host's end: keeps what it hears, and answers questions where a test says how.
struct Host : remote::Receiver {
  void on_message(mcp::Message said) override {
    std::string reply;
    {
      std::lock_guard lock(mutex);
      heard.push_back(parse_json(said.text()));
      if (said.is_request() && replies.contains(said.method())) reply = replies[said.method()];
    }
    if (!reply.empty()) {
      const auto answer = message(R"({"jsonrpc":"2.0","id":)" + std::string(said.id()) + "," + reply + "}");
      CHECK(translator->send(answer, *this, {}));
    }
  }
  std::vector<Json> all() {
    std::lock_guard lock(mutex);
    return heard;
  }
  size_t count(const std::string& method) {
    std::lock_guard lock(mutex);
    return static_cast<size_t>(std::count_if(
        heard.begin(), heard.end(), [&](const Json& each) { return each.value("method", "") == method; }));
  }
  LegacyHostTranslator* translator = nullptr;
  std::map<std::string, std::string> replies;
  std::mutex mutex;
  std::vector<Json> heard;
};

struct Rig {
  Rig() {
    host.translator = &translator;
    server.answer("server/discover", discovery);
  }
  Result<void> send(const mcp::Message& said) { return translator.send(said, host, {}); }
  void shake_hands() { REQUIRE(send(request("0", "initialize", handshake))); }
  Json sent(size_t index) { return parse_json(server.sent().at(index)); }

  ScriptedRemote server;
  LegacyHostTranslator translator{server};
  Host host;
};

// Answers with these results in turn, and keeps to the last.
ScriptedRemote::Handler results(std::vector<std::string> texts) {
  const auto next = std::make_shared<std::atomic<size_t>>(0);
  return [texts, next](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion&) {
    const size_t index = std::min(next->fetch_add(1), texts.size() - 1);
    receiver.on_message(message(mcp::make_result(asked.id(), texts[index])));
    return Result<void>{};
  };
}

const std::string asks_form =
    R"({"resultType":"input_required","inputRequests":{"who":{"method":"elicitation/create","params":{"message":"Who?"}}},"requestState":"s\u0041="})";
const std::string done = R"({"resultType":"complete","content":[]})";

}  // namespace

TEST_CASE("initialize is answered from server/discover, in the host's revision") {
  Rig rig;
  rig.shake_hands();
  const auto result = rig.host.heard.at(0)["result"];
  CHECK(result["protocolVersion"] == "2025-06-18");
  CHECK(result["serverInfo"]["name"] == "srv");
  CHECK(result["instructions"] == "Be brief.");
  CHECK(result["capabilities"]["tools"]["listChanged"] == true);
  const auto meta = rig.sent(0)["params"]["_meta"];
  CHECK(meta["io.modelcontextprotocol/protocolVersion"] == "2026-07-28");
  CHECK(meta["io.modelcontextprotocol/clientInfo"]["name"] == "host");
  CHECK(meta["io.modelcontextprotocol/clientCapabilities"].contains("elicitation"));
  CHECK_FALSE(meta["io.modelcontextprotocol/clientCapabilities"].contains("tasks"));
}

TEST_CASE("A revision that we don't know is answered with the newest that has a handshake") {
  Rig rig;
  REQUIRE(rig.send(request("0", "initialize", R"({"protocolVersion":"2031-01-01"})")));
  CHECK(rig.host.heard.at(0)["result"]["protocolVersion"] == "2025-11-25");
}

TEST_CASE("What has just been discovered is not asked again") {
  Rig rig;
  rig.translator.discovered(discovery);
  rig.shake_hands();
  CHECK(rig.server.count("server/discover") == 0);
  CHECK(rig.host.heard.at(0)["result"]["serverInfo"]["name"] == "srv");
  rig.shake_hands();
  CHECK(rig.server.count("server/discover") == 1);
}

TEST_CASE("A server that can't be discovered is taken to have what servers have") {
  Rig rig;
  rig.server.on("server/discover",
                [](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion&) {
                  receiver.on_message(message(mcp::make_error(asked.id(), mcp::method_not_found, "no")));
                  return Result<void>{};
                });
  rig.shake_hands();
  CHECK(rig.host.heard.at(0)["result"]["capabilities"].contains("tools"));
}

TEST_CASE("A discovery that fails is the handshake's failure") {
  Rig refusing;
  refusing.server.on(
      "server/discover", [](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion&) {
        receiver.on_message(message(mcp::make_error(asked.id(), mcp::invalid_request, "Not initialized")));
        return Result<void>{};
      });
  const auto refused = refusing.send(request("0", "initialize", handshake));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message().find("Not initialized") != std::string::npos);
  Rig rig;
  rig.server.on("server/discover",
                [](const mcp::Message&, remote::Receiver&, const auth::Occasion&) -> Result<void> {
                  return fail(ErrorCode::unreachable, "Away.", "Wait.");
                });
  CHECK(rig.send(request("0", "initialize", handshake)).error().code == ErrorCode::unreachable);
  CHECK(rig.host.heard.empty());
}

TEST_CASE("Every request says what the handshake said, and keeps what it said itself") {
  Rig rig;
  rig.shake_hands();
  REQUIRE(rig.send(request("\"a\"", "tools/call",
                           R"({"name":"t","arguments":{"n":1.50},"_meta":{"progressToken":5,"x/y":1}})")));
  const auto sent = rig.sent(1);
  CHECK(sent["id"] == "a");
  CHECK(sent["params"]["_meta"]["progressToken"] == 5);
  CHECK(sent["params"]["_meta"]["x/y"] == 1);
  CHECK(sent["params"]["_meta"]["io.modelcontextprotocol/clientInfo"]["name"] == "host");
  CHECK(rig.server.sent().at(1).find(R"("arguments":{"n":1.50})") != std::string::npos);
  CHECK(rig.host.heard.at(1)["id"] == "a");
}

TEST_CASE("The level of the log goes with every later request") {
  Rig rig;
  rig.shake_hands();
  REQUIRE(rig.send(request("1", "tools/list")));
  REQUIRE(rig.send(request("2", "logging/setLevel", R"({"level":"debug"})")));
  REQUIRE(rig.send(request("3", "tools/list")));
  CHECK(rig.host.heard.at(2)["result"] == Json::object());
  CHECK_FALSE(rig.sent(1)["params"]["_meta"].contains("io.modelcontextprotocol/logLevel"));
  CHECK(rig.sent(2)["params"]["_meta"]["io.modelcontextprotocol/logLevel"] == "debug");
  CHECK(rig.server.count("logging/setLevel") == 0);
}

TEST_CASE("A level that there is not is refused, and goes with nothing") {
  Rig rig;
  rig.shake_hands();
  for (const char* params : {R"({"level":"verbose"})", R"({"level":5})", "{}"}) {
    REQUIRE(rig.send(request("1", "logging/setLevel", params)));
    CHECK(rig.host.heard.back()["error"]["code"] == -32602);
  }
  REQUIRE(rig.send(request("2", "tools/list")));
  CHECK_FALSE(rig.sent(1)["params"]["_meta"].contains("io.modelcontextprotocol/logLevel"));
}

TEST_CASE(
    "What the server needs to know is asked of the host, and the request goes out again with the answer") {
  Rig rig;
  rig.shake_hands();
  rig.server.on("tools/call", results({asks_form, done}));
  rig.host.replies["elicitation/create"] = R"("result":{"action":"accept","content":{"n":1.50}})";
  REQUIRE(rig.send(request("4", "tools/call", R"({"name":"t","arguments":{"a":[1]}})")));
  REQUIRE(rig.server.count("tools/call") == 2);
  const auto first = rig.sent(1), second = rig.sent(2);
  CHECK(second["id"] != first["id"]);
  CHECK(second["params"]["arguments"] == first["params"]["arguments"]);
  CHECK(second["params"]["_meta"] == first["params"]["_meta"]);
  CHECK(second["params"]["inputResponses"]["who"]["action"] == "accept");
  CHECK_FALSE(first["params"].contains("inputResponses"));
  // Byte for byte, as it was spelt.
  CHECK(rig.server.sent().at(2).find(R"("requestState":"s\u0041=")") != std::string::npos);
  CHECK(rig.server.sent().at(2).find(R"("n":1.50)") != std::string::npos);
  const auto answer = rig.host.heard.back();
  CHECK(answer["id"] == 4);
  CHECK(answer["result"]["content"] == Json::array());
  CHECK(rig.host.count("elicitation/create") == 1);
}

TEST_CASE("A server may ask in several rounds, and a state holds for the next only") {
  Rig rig;
  rig.shake_hands();
  const std::string asks_roots =
      R"({"resultType":"input_required","inputRequests":{"r":{"method":"roots/list"}}})";
  rig.server.on("prompts/get", results({asks_form, asks_roots, done}));
  rig.host.replies["elicitation/create"] = R"("result":{"action":"decline"})";
  rig.host.replies["roots/list"] = R"("result":{"roots":[]})";
  REQUIRE(rig.send(request("4", "prompts/get", R"({"name":"p"})")));
  const auto third = rig.sent(3);
  CHECK(third["params"]["inputResponses"] == parse_json(R"({"r":{"roots":[]}})"));
  CHECK_FALSE(third["params"].contains("requestState"));
  CHECK(rig.host.heard.back()["id"] == 4);
}

TEST_CASE("A server that only wants to be asked again is asked again, with its state and no answers") {
  Rig rig;
  rig.shake_hands();
  rig.server.on("tools/call", results({R"({"resultType":"input_required","requestState":"w"})", done}));
  REQUIRE(rig.send(request("4", "tools/call", R"({"name":"t"})")));
  const auto second = rig.sent(2);
  CHECK(second["params"]["requestState"] == "w");
  CHECK_FALSE(second["params"].contains("inputResponses"));
  CHECK(rig.host.heard.back()["id"] == 4);
}

TEST_CASE("A link that the person has agreed to open is shown once, however long the server waits") {
  Rig rig;
  const std::string asks_link =
      R"({"resultType":"input_required","inputRequests":{"l":{"method":"elicitation/create","params":{"mode":"url","url":"https://a.b/","message":"m"}}}})";
  REQUIRE(rig.send(request("0", "initialize",
                           R"({"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"url":{}}}})")));
  rig.server.on("tools/call", results({asks_link, asks_link, done}));
  rig.host.replies["elicitation/create"] = R"("result":{"action":"accept"})";
  REQUIRE(rig.send(request("4", "tools/call", R"({"name":"t"})")));
  CHECK(rig.host.count("elicitation/create") == 1);
  REQUIRE(rig.server.count("tools/call") == 3);
  CHECK(rig.sent(2)["params"]["inputResponses"]["l"]["action"] == "accept");
  CHECK(rig.sent(3)["params"]["inputResponses"]["l"]["action"] == "accept");

  // One that was declined is another matter.
  rig.server.on("tools/call", results({asks_link, asks_link, done}));
  rig.host.replies["elicitation/create"] = R"("result":{"action":"decline"})";
  REQUIRE(rig.send(request("5", "tools/call", R"({"name":"t"})")));
  CHECK(rig.host.count("elicitation/create") == 3);
}

TEST_CASE("Each question gets its own answer, also where two of them name the same link") {
  Rig rig;
  const std::string asks =
      R"({"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":{"mode":"url","url":"https://a.b/","message":"m"}},)"
      R"("b":{"method":"elicitation/create","params":{"mode":"url","url":"https://a.b/","message":"m"}},"r":{"method":"roots/list"}}})";
  REQUIRE(rig.send(
      request("0", "initialize",
              R"({"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"url":{}},"roots":{}}})")));
  rig.server.on("tools/call", results({asks, done}));
  rig.host.replies["elicitation/create"] = R"("result":{"action":"accept"})";
  rig.host.replies["roots/list"] = R"("result":{"roots":[]})";
  REQUIRE(rig.send(request("4", "tools/call", R"({"name":"t"})")));
  CHECK(rig.sent(2)["params"]["inputResponses"] ==
        parse_json(R"({"a":{"action":"accept"},"b":{"action":"accept"},"r":{"roots":[]}})"));
}

TEST_CASE("A server that asks without end is stopped") {
  Rig rig;
  rig.shake_hands();
  rig.server.on("tools/call", results({asks_form}));
  rig.host.replies["elicitation/create"] = R"("result":{"action":"accept"})";
  const auto sent = rig.send(request("4", "tools/call", R"({"name":"t"})"));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::protocol);
  CHECK(rig.server.count("tools/call") == 33);  // the first, and one with each round's answers
}

TEST_CASE("A host is not asked what it did not declare") {
  Rig rig;
  REQUIRE(rig.send(
      request("0", "initialize", R"({"protocolVersion":"2025-06-18","capabilities":{"roots":{}}})")));
  rig.server.on("tools/call", results({asks_form, done}));
  const auto sent = rig.send(request("4", "tools/call", R"({"name":"t"})"));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::rejected);
  CHECK(rig.host.count("elicitation/create") == 0);
  CHECK(rig.server.count("tools/call") == 1);
}

TEST_CASE("A question ends with the call that needed it") {
  Rig rig;
  rig.shake_hands();
  rig.server.on("tools/call", results({asks_form, done}));
  const Cancellation cancellation;
  std::thread host([&] {
    CHECK(testing::eventually([&] { return rig.host.count("elicitation/create") == 1; }));
    cancellation.cancel();
  });
  CHECK(rig.translator.send(request("4", "tools/call", R"({"name":"t"})"), rig.host, {cancellation, true})
            .error()
            .code == ErrorCode::cancelled);
  host.join();
  CHECK(rig.host.count("notifications/cancelled") == 1);
  CHECK(rig.server.count("tools/call") == 1);
}

TEST_CASE("What the server says on the way passes, and so does its error") {
  Rig rig;
  rig.shake_hands();
  rig.server.on(
      "tools/call", [](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion&) {
        receiver.on_message(notification("notifications/progress", R"({"progressToken":1,"progress":1})"));
        receiver.on_message(notification("notifications/message", R"({"level":"info","data":1})"));
        receiver.on_message(message(mcp::make_error(asked.id(), mcp::missing_client_capability, "no")));
        return Result<void>{};
      });
  REQUIRE(rig.send(request("4", "tools/call", R"({"name":"t"})")));
  CHECK(rig.host.count("notifications/progress") == 1);
  CHECK(rig.host.count("notifications/message") == 1);
  CHECK(rig.host.heard.back()["error"]["code"] == -32021);
}

TEST_CASE("What has no counterpart at the server stays here") {
  Rig rig;
  rig.shake_hands();
  REQUIRE(rig.send(notification("notifications/initialized")));
  REQUIRE(rig.send(notification("notifications/roots/list_changed")));
  REQUIRE(rig.send(message(R"({"jsonrpc":"2.0","id":"nobody/asked","result":{}})")));
  REQUIRE(rig.send(request("5", "tasks/get", R"({"taskId":"t"})")));
  CHECK(rig.host.heard.back()["error"]["code"] == -32601);
  CHECK(rig.server.sent().size() == 1);
}

TEST_CASE("Changes of the lists that the server tells of are heard without the subscription's id") {
  Rig rig;
  rig.shake_hands();
  rig.server.on("subscriptions/listen",
                [](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion& occasion) {
                  const std::string tag = R"({"_meta":{"io.modelcontextprotocol/subscriptionId":)" +
                                          std::string(asked.id()) + "}";
                  receiver.on_message(notification("notifications/subscriptions/acknowledged",
                                                   tag + R"(,"notifications":{"toolsListChanged":true}})"));
                  receiver.on_message(notification("notifications/tools/list_changed", tag + "}"));
                  occasion.cancellation.sleep(10000);
                  return Result<void>{};
                });
  const Cancellation cancellation;
  std::thread listener([&] { rig.translator.listen(rig.host, cancellation); });
  CHECK(testing::eventually([&] { return rig.host.count("notifications/tools/list_changed") == 1; }));
  cancellation.cancel();
  listener.join();
  CHECK(rig.sent(1)["params"]["notifications"] == parse_json(R"({"toolsListChanged":true})"));
  CHECK(rig.host.count("notifications/subscriptions/acknowledged") == 0);
  CHECK(rig.host.heard.back().value("params", Json::object()) == Json::object());
}

TEST_CASE("A resource is followed from resources/subscribe to resources/unsubscribe") {
  Rig rig;
  rig.server.answer("server/discover", R"({"capabilities":{"resources":{"subscribe":true}}})");
  rig.shake_hands();
  std::atomic<int> open = 0;
  rig.server.on("subscriptions/listen", [&](const mcp::Message& asked, remote::Receiver& receiver,
                                            const auth::Occasion& occasion) {
    ++open;
    const std::string tag =
        R"({"_meta":{"io.modelcontextprotocol/subscriptionId":)" + std::string(asked.id()) + "}";
    const auto filter = std::string(asked.param("notifications"));
    const bool known = filter.find("known") != std::string::npos;
    receiver.on_message(notification("notifications/subscriptions/acknowledged",
                                     tag + R"(,"notifications":)" + (known ? filter : "{}") + "}"));
    if (known)
      receiver.on_message(notification("notifications/resources/updated", tag + R"(,"uri":"a:known"})"));
    occasion.cancellation.sleep(10000);
    --open;
    return Result<void>{};
  });
  const Cancellation cancellation;
  std::thread listener([&] { rig.translator.listen(rig.host, cancellation); });
  CHECK(rig.send(request("1", "resources/subscribe", R"({"uri":"a:known"})")));
  CHECK(testing::eventually([&] { return rig.host.count("notifications/resources/updated") == 1; }));
  CHECK(rig.send(request("2", "resources/subscribe", R"({"uri":"a:known"})")));
  CHECK(open == 1);
  CHECK(rig.send(request("3", "resources/unsubscribe", R"({"uri":"a:known"})")));
  CHECK(testing::eventually([&] { return open == 0; }));
  CHECK(rig.send(request("4", "resources/subscribe", R"({"uri":"a:strange"})")).error().code ==
        ErrorCode::rejected);
  cancellation.cancel();
  listener.join();
  CHECK(open == 0);
}
