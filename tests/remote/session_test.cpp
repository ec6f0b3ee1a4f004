#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "support/remote_rig.h"

using namespace clickflow;
using namespace clickflow::testing;

namespace {

constexpr int many = 12;

// Lets calls of the first session arrive, all of them, before it says that it knows nothing of it.
struct LostTogether {
  explicit LostTogether(RemoteRig& rig, int the_expected) : expected(the_expected) {
    rig.server.on_request = [this, &rig](const http::Request& request, const mcp::Message& said,
                                         const Cancellation&) {
      const std::string session = header(request, "Mcp-Session-Id");
      if (session != "session-1") return Played::json(mcp::make_result(said.id(), "\"" + session + "\""));
      if (++arrived == expected) rig.server.lose_sessions();
      eventually([&] { return arrived >= expected; });
      return Played::nothing(404);
    };
  }
  const int expected;
  std::atomic<int> arrived = 0;
};

std::vector<Result<std::string>> ask_side_by_side(RemoteRig& rig, int count) {
  std::vector<Result<std::string>> answers(static_cast<size_t>(count), std::string());
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back(
        [&, i] { answers[static_cast<size_t>(i)] = rig.ask(request(std::to_string(i), "tools/call")); });
  }
  for (auto& thread : threads) thread.join();
  return answers;
}

}  // namespace

TEST_CASE("A lost session is made anew with the host's own handshake, and the call goes out again") {
  RemoteRig rig;
  const auto initialize =
      request("\"h-0\"", "initialize", R"({"protocolVersion":"2025-11-25", "clientInfo":{"name":"host"}})");
  CHECK(rig.ask(initialize));
  CHECK(rig.send(notification("notifications/initialized")));
  rig.server.lose_sessions();
  CHECK(rig.ask(request("7", "tools/call")) == mcp::make_result("7", "\"session-2 tools/call\""));
  CHECK(rig.server.log() == std::vector<std::string>{"none initialize", "session-1 notifications/initialized",
                                                     "none initialize", "session-2 notifications/initialized",
                                                     "session-2 tools/call"});
  const auto requests = rig.http.requests();
  CHECK(requests[3].body == initialize.text());
  CHECK(rig.received.messages.empty());  // the second greeting is nothing to the host
}

TEST_CASE(
    "However many calls find out at once that the session is lost, one makes the new one and each call runs "
    "once") {
  RemoteRig rig;
  rig.greet();
  const LostTogether together(rig, many);
  const auto answers = ask_side_by_side(rig, many);
  for (int i = 0; i < many; ++i)
    CHECK(answers[static_cast<size_t>(i)] == mcp::make_result(std::to_string(i), "\"session-2\""));
  CHECK(rig.server.count("none initialize") == 2);
  CHECK(rig.server.count("session-2 notifications/initialized") == 1);
  CHECK(rig.server.count("session-2 tools/call") == many);
}

TEST_CASE(
    "Where no new session can be had each call is told, after one attempt, and a later call tries again") {
  RemoteRig rig;
  rig.greet();
  const LostTogether together(rig, many);
  rig.server.on_initialize = [](const mcp::Message&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // so that every call comes to wait
    return Played::broken(ErrorCode::unreachable);
  };
  for (const auto& answer : ask_side_by_side(rig, many)) {
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::unreachable);
  }
  CHECK(rig.server.count("none initialize") == 2);
  rig.server.on_initialize = nullptr;
  CHECK(rig.ask(request("7", "tools/call")));
  CHECK(rig.server.count("none initialize") == 3);
}

TEST_CASE("A call that is cancelled while it makes the new session does not fail those that wait for it") {
  RemoteRig rig;
  rig.greet();
  rig.server.lose_sessions();
  const Cancellation cancellation;
  Result<std::string> second = std::string();
  std::thread other;
  int handshakes = 0;
  rig.server.on_initialize = [&](const mcp::Message&) -> std::optional<Played> {
    if (++handshakes > 1) return std::nullopt;
    other = std::thread([&] { second = rig.ask(request("2", "tools/call")); });
    rig.http.wait_for_requests(5);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // until the other waits for this handshake
    cancellation.cancel();
    return Played::broken(ErrorCode::cancelled);
  };
  const auto first = rig.ask(request("1", "tools/call"), cancellation);
  other.join();
  CHECK(first.error().code == ErrorCode::cancelled);
  CHECK(second == mcp::make_result("2", "\"session-2 tools/call\""));
  CHECK(handshakes == 2);
}

TEST_CASE("A call that is cancelled waits no longer for the session that another makes") {
  RemoteRig rig;
  rig.greet();
  rig.server.lose_sessions();
  std::atomic<bool> making = false, go = false, went = false;
  rig.server.on_initialize = [&](const mcp::Message&) -> std::optional<Played> {
    making = true;
    went = eventually([&] { return go.load(); });
    return std::nullopt;
  };
  Result<std::string> first;
  std::thread other([&] { first = rig.ask(request("1", "tools/call")); });
  CHECK(eventually([&] { return making.load(); }));
  const Cancellation cancellation;
  std::thread host([&] {
    rig.http.wait_for_requests(5);
    cancellation.cancel();
  });
  const auto cancelled = rig.ask(request("2", "tools/call"), cancellation);
  go = true;
  host.join();
  other.join();
  CHECK(went);
  CHECK(first);
  REQUIRE_FALSE(cancelled);
  CHECK(cancelled.error().code == ErrorCode::cancelled);
}

TEST_CASE("A session that is lost twice in one call is not made a third time") {
  RemoteRig rig;
  rig.greet();
  rig.server.on_request = [](const auto&, const auto&, const auto&) { return Played::nothing(404); };
  const auto answer = rig.ask(request("7", "tools/call"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::rejected);
  CHECK(rig.server.count("none initialize") == 2);
}

TEST_CASE("A 404 without a session is a wrong address and no lost session") {
  RemoteRig rig;
  rig.server.has_sessions = false;
  rig.greet();
  rig.server.on_request = [](const auto&, const auto&, const auto&) { return Played::nothing(404); };
  const auto answer = rig.ask(request("7", "tools/call"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().what.find("There is no MCP server at") == 0);
  CHECK(rig.server.count("none initialize") == 1);
}

TEST_CASE("A 400 that speaks of the session means a lost one, and any other does not") {
  struct Row {
    const char* body;
    bool lost;
  };
  for (const Row& row :
       {Row{"Bad Request: No valid session ID provided", true}, Row{R"({"error":"Session expired"})", true},
        Row{R"({"error":"bad arguments"})", false}, Row{"", false}}) {
    CAPTURE(row.body);
    RemoteRig rig;
    rig.greet();
    rig.server.on_request = [&](const http::Request& request, const mcp::Message& said, const auto&) {
      if (header(request, "Mcp-Session-Id") == "session-1") return Played{400, {}, {row.body}, {}};
      return Played::json(mcp::make_result(said.id(), "{}"));
    };
    CHECK(rig.ask(request("7", "tools/call")).has_value() == row.lost);
    CHECK(rig.server.count("none initialize") == (row.lost ? 2u : 1u));
  }
}

TEST_CASE("A new session may speak another version, and is spoken to in it") {
  RemoteRig rig;
  rig.greet();
  rig.server.lose_sessions();
  rig.server.version = "2025-06-18";
  CHECK(rig.ask(request("7", "tools/call")));
  CHECK(header(rig.http.requests().back(), "MCP-Protocol-Version") == "2025-06-18");
}

TEST_CASE("A second handshake of the host's own replaces the session") {
  RemoteRig rig;
  rig.greet();
  CHECK(rig.ask(request("8", "initialize")));
  CHECK(header(rig.http.requests().back(), "Mcp-Session-Id") == "none");
  CHECK(rig.ask(request("9", "tools/list")) == mcp::make_result("9", "\"session-2 tools/list\""));
}

TEST_CASE("What the host has set in a session is set again in the next one, until it begins anew") {
  RemoteRig rig;
  rig.greet();
  CHECK(rig.ask(request("1", "resources/subscribe", R"({"uri":"a://1"})")));
  rig.server.lose_sessions();
  CHECK(rig.ask(request("2", "tools/call")));
  CHECK(rig.server.count("session-2 resources/subscribe") == 1);
  CHECK(rig.ask(request("3", "initialize")));
  rig.server.lose_sessions();
  CHECK(rig.ask(request("4", "tools/call")) == mcp::make_result("4", "\"session-4 tools/call\""));
  CHECK(rig.server.count("session-4 resources/subscribe") == 0);
  CHECK(rig.server.count("session-4 notifications/initialized") == 0);
}
