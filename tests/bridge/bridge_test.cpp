#include "clickflow/bridge/bridge.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <system_error>
#include <thread>

#include "support/bridge_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;
using bridge::BridgeSettings;

namespace {

constexpr const char* initialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

ScriptedRemote::Handler failing(ErrorCode code) {
  return [code](const mcp::Message&, remote::Receiver&, const auth::Occasion&) -> Result<void> {
    return fail(code, "It went wrong.", "Do something.");
  };
}

// Ends when it is cancelled, as an HTTP client does.
Result<void> waiting(const mcp::Message&, remote::Receiver&, const auth::Occasion& occasion) {
  while (occasion.cancellation.sleep(60'000)) continue;
  return fail(ErrorCode::cancelled, "The request was cancelled.", "");
}

// At the end, what is in flight is not waited for.
BridgeSettings without_last_answers() {
  BridgeSettings settings;
  settings.last_answers_limit = 0ms;
  return settings;
}

}  // namespace

TEST_CASE("A request gets its answer, byte for byte, and a ping is answered here") {
  BridgeRig rig;
  rig.remote.on(
      "prompts/get",
      [](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        receiver.on_message(
            message(R"({ "jsonrpc":"2.0", "result":{"x":1.0e1}, "id":)" + std::string(said.id()) + " }"));
        return {};
      });
  rig.start();
  rig.host.send(request_text("\"a\\u0062\"", "prompts/get"));
  CHECK(rig.host.receive() == R"({ "jsonrpc":"2.0", "result":{"x":1.0e1}, "id":"a\u0062" })");
  rig.host.send(request_text("1.0", "ping"));
  CHECK(rig.host.receive() == R"({"jsonrpc":"2.0","id":1.0,"result":{}})");
  CHECK(rig.remote.sent() == std::vector<std::string>{request_text("\"a\\u0062\"", "prompts/get")});
}

TEST_CASE(
    "What is read after initialize waits for its answer, and what is read after initialized for its "
    "arrival") {
  BridgeRig rig;
  std::atomic<bool> go = false, arrived = false;
  rig.remote.on(
      "initialize",
      [&](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        eventually([&] { return go.load(); });
        receiver.on_message(response_to(said));
        return {};
      });
  rig.remote.on("notifications/initialized",
                [&](const mcp::Message&, remote::Receiver&, const auth::Occasion&) -> Result<void> {
                  std::this_thread::sleep_for(30ms);
                  arrived = true;
                  return {};
                });
  bool in_order = true;
  std::mutex mutex;
  rig.remote.on(
      "tools/list",
      [&](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        {
          std::lock_guard lock(mutex);
          in_order = in_order && arrived;
        }
        receiver.on_message(response_to(said));
        return {};
      });
  rig.start();
  rig.host.send(request_text("0", "initialize"));
  rig.host.send(initialized);
  rig.host.send(request_text("1", "tools/list"));
  rig.host.send(request_text("2", "tools/list"));
  CHECK(rig.remote.wait_for_count("initialize", 1));
  std::this_thread::sleep_for(30ms);
  CHECK(rig.remote.sent().size() == 1);
  go = true;
  for (int i = 0; i < 3; ++i) CHECK(rig.host.receive());
  CHECK(in_order);
  CHECK(rig.remote.sent().at(1) == initialized);
}

TEST_CASE("A handshake that fails lets what comes after it through") {
  BridgeRig rig;
  rig.remote.on("initialize", failing(ErrorCode::unreachable));
  rig.start();
  rig.host.send(request_text("0", "initialize"));
  CHECK(
      rig.host.receive() ==
      R"({"jsonrpc":"2.0","id":0,"error":{"code":-32000,"message":"It went wrong. Do something.","data":{"reason":"unreachable"}}})");
  rig.host.send(request_text("1", "tools/list"));
  CHECK(rig.host.receive() == mcp::make_result("1", "{}"));
}

TEST_CASE("Notifications and the host's responses keep their order") {
  BridgeRig rig;
  rig.start();
  std::vector<std::string> said;
  for (int i = 0; i < 200; ++i) {
    said.push_back(
        i % 3 ? notification_text("notifications/roots/list_changed", "{\"n\":" + std::to_string(i) + "}")
              : mcp::make_result("\"s-" + std::to_string(i) + "\"", "{}"));
    rig.host.send(said.back());
  }
  CHECK(eventually([&] { return rig.remote.sent().size() == said.size(); }));
  CHECK(rig.remote.sent() == said);
}

TEST_CASE("A slow call holds up no other") {
  BridgeRig rig(without_last_answers());
  rig.remote.on("tools/call", waiting);
  rig.start();
  for (int i = 0; i < 20; ++i)
    rig.host.send(request_text(std::to_string(i), "tools/call", "{\"name\":\"a.b\"}"));
  rig.host.send(request_text("\"quick\"", "prompts/list"));
  CHECK(rig.host.receive() == mcp::make_result("\"quick\"", "{}"));
  CHECK(rig.remote.wait_for_count("tools/call", 20));
}

TEST_CASE("A failed call is a result that the model reads, and any other failure an error with its reason") {
  struct Row {
    ErrorCode code;
    const char* reason;
  };
  const auto row =
      GENERATE(Row{ErrorCode::unauthenticated, "unauthenticated"}, Row{ErrorCode::forbidden, "forbidden"},
               Row{ErrorCode::unreachable, "unreachable"}, Row{ErrorCode::lost, "lost"},
               Row{ErrorCode::timed_out, "timed_out"}, Row{ErrorCode::rejected, "rejected"},
               Row{ErrorCode::busy, "busy"}, Row{ErrorCode::protocol, "protocol"},
               Row{ErrorCode::system, "system"}, Row{ErrorCode::invalid_input, "invalid_input"});
  BridgeRig rig;
  rig.remote.on("tools/call", failing(row.code));
  rig.remote.on("prompts/list", failing(row.code));
  rig.start();
  rig.host.send(request_text("1", "tools/call", "{\"name\":\"a.b\"}"));
  CHECK(rig.host.receive() == mcp::make_tool_error("1", "It went wrong. Do something."));
  rig.host.send(request_text("2", "prompts/list"));
  CHECK(rig.host.receive() == mcp::make_error("2", mcp::no_answer, "It went wrong. Do something.",
                                              "{\"reason\":\"" + std::string(row.reason) + "\"}"));
}

TEST_CASE("To a host that is no model, a call that fails on its way is an error as any other") {
  bridge::BridgeSettings settings;
  settings.failures_are_results = false;
  settings.policy.allowed = {*mcp::Scope::parse("tools:a.*")};
  BridgeRig rig(settings);
  rig.remote.on("tools/call", failing(ErrorCode::lost));
  rig.start();
  rig.host.send(request_text("1", "tools/call", "{\"name\":\"a.b\"}"));
  CHECK(rig.host.receive() ==
        mcp::make_error("1", mcp::no_answer, "It went wrong. Do something.", R"({"reason":"lost"})"));
  rig.host.send(request_text("2", "tools/call", "{\"name\":\"b.c\"}"));
  const auto refused = rig.host.receive();
  REQUIRE(refused);
  CHECK(refused->find(R"("id":2,"error":{)") != std::string::npos);
  CHECK(refused->find(R"({"reason":"forbidden"})") != std::string::npos);
  CHECK(rig.remote.count("tools/call") == 1);
}

TEST_CASE("A cancelled call gets no answer, and the server hears of it before its exchange is ended") {
  BridgeRig rig;
  std::atomic<bool> ended = false, ended_first = false;
  rig.remote.on("tools/call",
                [&](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion& occasion) {
                  const auto sent = waiting(said, receiver, occasion);
                  ended = true;
                  receiver.on_message(response_to(said));  // too late
                  return sent;
                });
  rig.remote.on("notifications/cancelled",
                [&](const mcp::Message&, remote::Receiver&, const auth::Occasion&) -> Result<void> {
                  std::this_thread::sleep_for(20ms);
                  ended_first = ended.load();
                  return {};
                });
  rig.start();
  rig.host.send(request_text("7", "tools/call", "{\"name\":\"a.b\"}"));
  CHECK(rig.remote.wait_for_count("tools/call", 1));
  const std::string cancelled =
      notification_text("notifications/cancelled", "{\"requestId\":7.0,\"reason\":\"x\"}");
  rig.host.send(cancelled);
  CHECK(eventually([&] { return ended.load(); }));
  CHECK_FALSE(ended_first);
  CHECK(rig.remote.sent().back() == cancelled);
  rig.host.send(request_text("8", "ping"));
  CHECK(rig.host.receive() == mcp::make_result("8", "{}"));
  rig.end();
  CHECK(rig.host.written().size() == 1);
}

TEST_CASE("To cancel what is not in flight says nothing to anybody") {
  BridgeRig rig;
  rig.start();
  for (const char* params : {"{\"requestId\":9}", "{\"requestId\":null}", "{}", "{\"requestId\":{}}"})
    rig.host.send(notification_text("notifications/cancelled", params));
  rig.host.send(request_text("1", "prompts/list"));
  CHECK(rig.host.receive() == mcp::make_result("1", "{}"));
  CHECK(rig.remote.count("notifications/cancelled") == 0);
}

TEST_CASE("An id that is in flight can't be used again, and after its answer it can") {
  BridgeRig rig;
  std::atomic<bool> go = false;
  rig.remote.on(
      "prompts/list",
      [&](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        eventually([&] { return go.load(); });
        receiver.on_message(response_to(said));
        return {};
      });
  rig.start();
  rig.host.send(request_text("7", "prompts/list"));
  rig.host.send(request_text("7.0", "resources/list"));
  const auto refusal = rig.host.receive();
  REQUIRE(refusal);
  CHECK(refusal->find("\"code\":-32600") != std::string::npos);
  CHECK(message(*refusal).id().empty());  // under its own id it would be taken for the first one's answer
  for (const char* line :
       {R"({"jsonrpc":"2.0","id":7,"method":"ping"})", R"({"id":7,"method":"prompts/list"})"}) {
    rig.host.send(line);
    const auto answer = rig.host.receive();
    REQUIRE(answer);
    CHECK(message(*answer).id().empty());
  }
  go = true;
  CHECK(rig.host.receive() == mcp::make_result("7", "{}"));
  CHECK(rig.remote.count("resources/list") == 0);
  rig.host.send(request_text("7", "prompts/list"));
  CHECK(rig.host.receive() == mcp::make_result("7", "{}"));
}

TEST_CASE("An invalid line is answered with what JSON-RPC names, and the bridge goes on") {
  struct Row {
    const char* line;
    const char* id;
    int code;
  };
  const auto row = GENERATE(Row{"{", "", -32700}, Row{"nonsense", "", -32700}, Row{"7", "", -32600},
                            Row{"{\"id\":7}", "7", -32600},
                            Row{R"({"jsonrpc":"2.0","id":"a","method":1})", "\"a\"", -32600},
                            Row{R"({"jsonrpc":"2.0","id":1,"method":"m","params":[]})", "1", -32602},
                            Row{"[", "", -32700}, Row{"[]", "", -32600}, Row{"[1]", "", -32600});
  CAPTURE(row.line);
  BridgeRig rig;
  rig.start();
  rig.host.send(row.line);
  const auto answer = rig.host.receive();
  REQUIRE(answer);
  CHECK(answer->find("\"code\":" + std::to_string(row.code)) != std::string::npos);
  CHECK(message(*answer).id() == row.id);
  if (std::string_view(row.id).empty()) CHECK(answer->find("\"id\"") == std::string::npos);
  rig.host.send(request_text("1", "ping"));
  CHECK(rig.host.receive() == mcp::make_result("1", "{}"));
  CHECK(rig.remote.sent().empty());
}

TEST_CASE("A line that is too long is answered, and blank lines and a byte-order mark are passed over") {
  BridgeRig rig;
  rig.start();
  rig.host.send_too_long();
  const auto answer = rig.host.receive();
  REQUIRE(answer);
  CHECK(answer->find("\"code\":-32600") != std::string::npos);
  CHECK(answer->find("\"id\"") == std::string::npos);
  rig.host.send_too_long(R"({"jsonrpc":"2.0","id":"5","method":"tools/call","params":{"x":")", "\"}}");
  CHECK(message(rig.host.receive().value()).id() == R"("5")");
  for (const char* line : {"", " \t", "\r", "\xEF\xBB\xBF"}) rig.host.send(line);
  rig.host.send("\xEF\xBB\xBF" + request_text("1", "ping") + "\r");
  CHECK(rig.host.receive() == mcp::make_result("1", "{}"));
  CHECK(rig.host.written().size() == 3);
}

TEST_CASE("A batch is carried part by part in 2025-03-26, and refused part by part in every other revision") {
  const bool has_batches = GENERATE(true, false);
  BridgeRig rig;
  rig.remote.answer("initialize", has_batches ? R"({"protocolVersion":"2025-03-26"})"
                                              : R"({"protocolVersion":"2025-06-18"})");
  rig.start();
  rig.host.send(request_text("0", "initialize"));
  CHECK(rig.host.receive());
  rig.host.send("[" + request_text("1", "prompts/list") + "," + notification_text("notifications/x") + ",5," +
                request_text("2", "ping") + "]");
  std::map<std::string, std::string> answers;
  for (int i = 0; i < 3; ++i) {
    const auto answer = rig.host.receive();
    REQUIRE(answer);
    answers[std::string(message(*answer).id())] = *answer;
  }
  CHECK(answers[""].find("\"code\":-32600") != std::string::npos);
  if (has_batches) {
    CHECK(answers["1"] == mcp::make_result("1", "{}"));
    CHECK(answers["2"] == mcp::make_result("2", "{}"));
    CHECK(rig.remote.wait_for_count("notifications/x", 1));
  } else {
    CHECK(answers["1"].find("\"code\":-32600") != std::string::npos);
    CHECK(answers["2"].find("\"code\":-32600") != std::string::npos);
    rig.end();
    CHECK(rig.remote.count("notifications/x") == 0);
    CHECK(rig.remote.count("prompts/list") == 0);
  }
}

TEST_CASE("A tool is called by the name that is shown or by the server's own, and the server hears its own") {
  BridgeRig rig;
  rig.remote.answer("tools/list", R"({"tools":[{"name":"platform.list"}]})");
  rig.start();
  rig.host.send(request_text("1", "tools/list"));
  CHECK(rig.host.receive() == mcp::make_result("1", R"({"tools":[{"name":"platform_list"}]})"));
  rig.host.send(request_text("2", "tools/call", R"({"name":"platform_list","arguments":{"x":1.0}})"));
  CHECK(rig.host.receive());
  CHECK(rig.remote.sent().back() ==
        request_text("2", "tools/call", R"({"name":"platform.list","arguments":{"x":1.0}})"));
  rig.host.send(request_text("3", "tools/call", R"({"name":"platform\u002elist"})"));
  CHECK(rig.host.receive());
  CHECK(rig.remote.sent().back() == request_text("3", "tools/call", R"({"name":"platform\u002elist"})"));
}

TEST_CASE("With original names nothing is renamed in either direction") {
  BridgeSettings settings;
  settings.safe_tool_names = false;
  BridgeRig rig(settings);
  rig.remote.answer("tools/list", R"({"tools":[{"name":"platform.list"}]})");
  rig.start();
  rig.host.send(request_text("1", "tools/list"));
  CHECK(rig.host.receive() == mcp::make_result("1", R"({"tools":[{"name":"platform.list"}]})"));
  rig.host.send(request_text("2", "tools/call", R"({"name":"platform_list"})"));
  CHECK(rig.host.receive());
  CHECK(rig.remote.sent().back() == request_text("2", "tools/call", R"({"name":"platform_list"})"));
}

TEST_CASE("A call that the policy refuses is answered here and goes nowhere") {
  BridgeSettings settings;
  settings.policy.allowed = {mcp::Scope::parse("tools:platform.*").value()};
  settings.policy.organization = "org_a";
  BridgeRig rig(settings);
  rig.remote.answer("tools/list",
                    R"({"tools":[{"name":"platform.switch_organization"},{"name":"agents.run"}]})");
  rig.start();
  rig.host.send(request_text("1", "tools/list"));
  CHECK(rig.host.receive() ==
        mcp::make_result("1", R"({"tools":[{"name":"platform_switch_organization"}]})"));
  for (const char* params :
       {R"({"name":"agents_run"})", R"({"name":"agents.run"})",
        R"({"name":"platform_switch_organization","arguments":{"organization_id":"org_b"}})",
        R"({"name":"platform.switch_organization","arguments":{"organization_id":"org_b"}})"}) {
    rig.host.send(request_text("2", "tools/call", params));
    const auto answer = rig.host.receive();
    REQUIRE(answer);
    CHECK(answer->find("\"isError\":true") != std::string::npos);
  }
  CHECK(rig.remote.count("tools/call") == 0);
  rig.host.send(
      request_text("3", "tools/call",
                   R"({"name":"platform_switch_organization","arguments":{"organization_id":"org_a"}})"));
  CHECK(rig.host.receive() == mcp::make_result("3", "{}"));
  CHECK(rig.remote.count("tools/call") == 1);
}

TEST_CASE("A tool call without an id goes nowhere, since no policy would be asked and nobody could answer") {
  BridgeRig rig;
  rig.start();
  rig.host.send(notification_text("tools/call", R"({"name":"agents.run","arguments":{}})"));
  rig.host.send(notification_text("notifications/roots/list_changed", "{}"));
  CHECK(rig.remote.wait_for_count("notifications/roots/list_changed", 1));
  CHECK(rig.remote.count("tools/call") == 0);
  CHECK(rig.end());
  CHECK(rig.host.written().empty());
}

TEST_CASE("A call without one name that is a string is refused, since it could mean two tools") {
  const auto params = GENERATE(
      "{}", R"({"name":7})", R"({"name":null})", R"({"name":"platform.a","name":"agents.b"})",
      R"({"name":"platform.a","nam\u0065":"agents.b"})", R"({"name":"a.b","arguments":{},"arguments":{}})");
  CAPTURE(params);
  BridgeRig rig;
  rig.start();
  rig.host.send(request_text("1", "tools/call", params));
  const auto answer = rig.host.receive();
  REQUIRE(answer);
  CHECK(answer->find("\"code\":-32602") != std::string::npos);
  CHECK(rig.remote.sent().empty());
}

TEST_CASE("What the server says and asks passes to the host, and the host's answer back") {
  BridgeRig rig;
  const std::string question = request_text("\"s-1\"", "sampling/createMessage", "{\"x\":1.0}");
  const std::string note = notification_text("notifications/progress", "{\"progress\":1}");
  rig.remote.on("tools/call",
                [&](const mcp::Message& said, remote::Receiver& receiver,
                    const auth::Occasion& occasion) -> Result<void> {
                  CHECK(occasion.interactive);
                  receiver.on_message(message(note));
                  receiver.on_message(message(question));
                  while (rig.remote.count("") == 0 && occasion.cancellation.sleep(1))
                    continue;  // a response has no method
                  receiver.on_message(response_to(said));
                  return {};
                });
  rig.start();
  rig.host.send(request_text("1", "tools/call", "{\"name\":\"a.b\"}"));
  CHECK(rig.host.receive() == note);
  CHECK(rig.host.receive() == question);
  rig.host.send(mcp::make_result("\"s-1\"", "{\"y\":1e1}"));
  CHECK(rig.host.receive() == mcp::make_result("1", "{}"));
  CHECK(rig.remote.sent().back() == mcp::make_result("\"s-1\"", "{\"y\":1e1}"));
}

TEST_CASE("The server's own stream is listened to once initialized has arrived, and once only") {
  BridgeRig rig;
  const std::string note = notification_text("notifications/resources/updated");
  rig.remote.on_listen([&](remote::Receiver& receiver, const Cancellation& cancellation) {
    receiver.on_message(message(note));
    while (cancellation.sleep(60'000)) continue;
  });
  rig.start();
  rig.host.send(request_text("0", "initialize"));
  CHECK(rig.host.receive());
  CHECK(rig.remote.listening() == 0);
  rig.host.send(initialized);
  CHECK(rig.host.receive() == note);
  rig.host.send(initialized);
  CHECK(rig.remote.wait_for_count("notifications/initialized", 2));
  std::this_thread::sleep_for(20ms);
  CHECK(rig.remote.listening() == 1);
}

TEST_CASE("After list_changed, which passes to the host, a call's name is asked for anew") {
  BridgeRig rig;
  std::atomic<int> lists = 0;
  rig.remote.on(
      "tools/list",
      [&](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        receiver.on_message(response_to(
            said, ++lists == 1 ? R"({"tools":[{"name":"a.b"}]})" : R"({"tools":[{"name":"a/b"}]})"));
        return {};
      });
  const std::string changed = notification_text("notifications/tools/list_changed");
  rig.remote.on(
      "prompts/list",
      [&](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        receiver.on_message(message(changed));
        receiver.on_message(response_to(said));
        return {};
      });
  rig.start();
  rig.host.send(request_text("1", "tools/call", R"({"name":"a_b"})"));
  CHECK(rig.host.receive());
  CHECK(rig.remote.sent().back().find("\"a.b\"") != std::string::npos);
  rig.host.send(request_text("2", "prompts/list"));
  CHECK(rig.host.receive() == changed);
  CHECK(rig.host.receive());
  rig.host.send(request_text("3", "tools/call", R"({"name":"a_b"})"));
  CHECK(rig.host.receive());
  CHECK(rig.remote.sent().back().find("\"a/b\"") != std::string::npos);
}

TEST_CASE("At the end what is in flight gets a moment to be answered, and then the session is ended") {
  BridgeRig rig;
  rig.remote.on(
      "tools/call",
      [](const mcp::Message& said, remote::Receiver& receiver, const auth::Occasion&) -> Result<void> {
        std::this_thread::sleep_for(50ms);
        receiver.on_message(response_to(said));
        return {};
      });
  rig.start();
  rig.host.send(request_text("1", "tools/call", "{\"name\":\"a.b\"}"));
  CHECK(rig.remote.wait_for_count("tools/call", 1));
  CHECK(rig.end());
  CHECK(rig.host.written() == std::vector<std::string>{mcp::make_result("1", "{}")});
  CHECK(rig.remote.sent().back() == "close");
}

TEST_CASE("At the end what does not finish is cancelled, and the bridge ends all the same") {
  BridgeRig rig(without_last_answers());
  rig.remote.on("tools/call", waiting);
  rig.start();
  rig.host.send(request_text("0", "initialize"));
  CHECK(rig.host.receive());
  rig.host.send(initialized);
  for (int i = 1; i < 20; ++i)
    rig.host.send(request_text(std::to_string(i), "tools/call", "{\"name\":\"a.b\"}"));
  CHECK(rig.remote.wait_for_count("tools/call", 19));
  const Stopwatch took;
  CHECK(rig.end());
  CHECK(took.elapsed() < 10s);
  CHECK(rig.host.written().size() == 1);
}

TEST_CASE("A call that is stuck in the system does not keep the bridge, which says so") {
  std::atomic<bool> let_go = false;
  auto settings = without_last_answers();
  settings.threads_limit = 50ms;
  BridgeRig rig(settings);
  rig.remote.on("prompts/list",
                [&](const mcp::Message&, remote::Receiver&, const auth::Occasion&) -> Result<void> {
                  eventually([&] { return let_go.load(); });
                  return fail(ErrorCode::cancelled, "", "");
                });
  rig.start();
  rig.host.send(request_text("1", "prompts/list"));
  CHECK(rig.remote.wait_for_count("prompts/list", 1));
  CHECK_FALSE(rig.end());
  let_go = true;
  // Once it has ended, the test may destroy what its thread uses.
  CHECK(eventually([&] { return rig.bridge.run(); }));
}

TEST_CASE("A host that takes nothing more stops nothing here") {
  BridgeRig rig;
  rig.start();
  rig.host.take_nothing();
  for (int i = 0; i < 10; ++i) rig.host.send(request_text(std::to_string(i), "prompts/list"));
  CHECK(rig.remote.wait_for_count("prompts/list", 10));
  CHECK(rig.end());
}

TEST_CASE("A host that takes nothing for a while does not keep the bridge from reading") {
  BridgeRig rig;
  rig.start();
  const auto let_take = rig.host.hold_writes();
  rig.host.send(request_text("1", "ping"));
  rig.host.send("nonsense");
  rig.host.send(request_text("2", "prompts/list"));
  CHECK(rig.remote.wait_for_count("prompts/list", 1));
  let_take();
  CHECK(rig.host.receive());
  CHECK(rig.host.receive());
  CHECK(rig.host.receive());
}

TEST_CASE("A host that writes and never reads is read on until 64 MiB wait for it") {
  BridgeRig rig;
  rig.start();
  const auto let_take = rig.host.hold_writes();
  const std::string four_mib(4 << 20, 'x');
  for (int i = 0; i < 20; ++i)
    rig.host.send(request_text("\"" + std::to_string(i) + four_mib + "\"", "ping"));
  constexpr size_t left = 4;  // fifteen wait to be written, and the sixteenth for its turn
  CHECK(eventually([&] { return rig.host.unread() <= left; }, 120s));
  CHECK_FALSE(eventually([&] { return rig.host.unread() < left; }, 200ms));
  let_take();
  for (int i = 0; i < 20; ++i) CHECK(rig.host.receive());
  CHECK(rig.end());
}

TEST_CASE("What goes wrong inside a request ends it with an answer") {
  BridgeRig rig;
  rig.remote.on("prompts/list",
                [](const mcp::Message&, remote::Receiver&, const auth::Occasion&) -> Result<void> {
                  throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
                });
  rig.start();
  rig.host.send(request_text("1", "prompts/list"));
  const auto answer = rig.host.receive();
  REQUIRE(answer);
  CHECK(message(*answer).id() == "1");
  CHECK(answer->find("whether it was carried out is not known") != std::string::npos);
  rig.host.send(request_text("2", "resources/list"));
  CHECK(rig.host.receive() == mcp::make_result("2", "{}"));
}

TEST_CASE("What goes wrong inside a notification lets what comes after it through") {
  BridgeRig rig;
  rig.remote.on("notifications/initialized",
                [](const mcp::Message&, remote::Receiver&, const auth::Occasion&) -> Result<void> {
                  throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
                });
  rig.start();
  rig.host.send(initialized);
  rig.host.send(request_text("1", "resources/list"));
  CHECK(rig.host.receive() == mcp::make_result("1", "{}"));
}
