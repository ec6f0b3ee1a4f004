#include <catch2/catch_test_macros.hpp>
#include <map>
#include <thread>

#include "clickflow/mcp/json.h"
#include "support/remote_rig.h"
#include "support/stateless_rig.h"

using namespace clickflow;
using namespace clickflow::testing;

namespace {

mcp::Message switch_to(const std::string& place, const std::string& id = "1") {
  return request(id, "tools/call", R"({"name":"switch","arguments":{"to":")" + place + R"("}})");
}

mcp::Message work() {
  return request("7", "tools/call", R"({"name":"work"})");
}

std::string done_in(const std::string& place) {
  return mcp::make_result("7", "\"" + place + "\"");
}

std::string place_in(const mcp::Message& said) {
  return mcp::json::decode(mcp::json::member(said.param("arguments"), "to").value_or("\"\""));
}

// A server whose sessions work where they were switched to, else at home. Any request is answered with the
// place where it ran.
struct Places {
  explicit Places(RemoteRig& the_rig) : rig(the_rig) {
    rig.server.on_request = [this](const http::Request& request, const mcp::Message& said,
                                   const Cancellation&) {
      const std::string session = header(request, "Mcp-Session-Id");
      const auto name = said.param("name");
      if (name != "\"switch\"") return Played::json(mcp::make_result(said.id(), "\"" + at(session) + "\""));
      if (before_switch) before_switch(place_in(said));
      std::lock_guard lock(mutex);
      ++switches;
      if (refusal) return refusal(said);
      places[session] = place_in(said);
      return Played::json(mcp::make_result(said.id(), R"({"content":[]})"));
    };
    rig.greet();
    rig.remote.listen(rig.received, {});  // the server has no stream to wait for
  }
  std::string at(const std::string& session) {
    std::lock_guard lock(mutex);
    return places.contains(session) ? places[session] : "home";
  }

  RemoteRig& rig;
  std::function<void(const std::string& place)> before_switch;
  std::function<Played(const mcp::Message&)> refusal;
  std::mutex mutex;
  std::map<std::string, std::string> places;
  int switches = 0;
};

Played refused(const mcp::Message& said) {
  return Played::json(mcp::make_result(said.id(), R"({"content":[],"isError":true})"));
}

}  // namespace

TEST_CASE("What was switched is switched again in a new session, before the call that waits for it") {
  RemoteRig rig;
  Places places(rig);
  CHECK(rig.ask(request("2", "resources/subscribe", R"({"uri":"a://1"})")));
  CHECK(rig.ask(switch_to("away")));
  CHECK(rig.ask(work()) == done_in("away"));
  rig.server.lose_sessions();
  CHECK(rig.ask(work()) == done_in("away"));
  CHECK(rig.ask(work()) == done_in("away"));
  const auto log = rig.server.log();
  CHECK(std::vector(log.end() - 6, log.end()) ==
        std::vector<std::string>{"none initialize", "session-2 notifications/initialized",
                                 "session-2 tools/call", "session-2 resources/subscribe",
                                 "session-2 tools/call", "session-2 tools/call"});
}

TEST_CASE(
    "Where the switch can't be made again no call is sent, what only reads is, and a new switch mends it") {
  RemoteRig rig;
  Places places(rig);
  CHECK(rig.ask(switch_to("away")));
  places.refusal = refused;
  rig.server.lose_sessions();
  for (int i = 0; i < 2; ++i) {
    const auto answer = rig.ask(work());
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::rejected);
    CHECK(answer.error().message() ==
          R"(The switch ({"to":"away"}) could not be made again in a new session with the server; this call )"
          "was not sent. Switch again, then repeat it.");
  }
  const int tried = places.switches;
  CHECK(rig.server.count("session-2 tools/call") == static_cast<size_t>(tried - 1));  // no other call
  CHECK(rig.ask(request("7", "tools/list")) == done_in("home"));
  CHECK(places.switches == tried);
  places.refusal = nullptr;
  CHECK(rig.ask(switch_to("elsewhere")));
  CHECK(rig.ask(work()) == done_in("elsewhere"));
}

TEST_CASE("A call goes out once the switch that could not be made again can be") {
  RemoteRig rig;
  Places places(rig);
  CHECK(rig.ask(switch_to("away")));
  for (const auto code : {ErrorCode::timed_out, ErrorCode::lost, ErrorCode::unreachable}) {
    places.refusal = [&](const mcp::Message&) { return Played::broken(code); };
    rig.server.lose_sessions();
    const auto answer = rig.ask(work());
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == (code == ErrorCode::unreachable ? code : ErrorCode::rejected));
    places.refusal = nullptr;
    CHECK(rig.ask(work()) == done_in("away"));
  }
}

TEST_CASE("A switch that the server has not said to be made is not made again") {
  const std::vector<std::function<Played(const mcp::Message&)>> answers = {
      refused,
      [](const mcp::Message& said) {
        return Played::json(mcp::make_error(said.id(), mcp::invalid_params, "No."));
      },
      [](const mcp::Message&) { return Played::broken(ErrorCode::lost); }};
  for (const auto& answer : answers) {
    RemoteRig rig;
    Places places(rig);
    places.refusal = answer;
    (void)rig.ask(switch_to("away"));
    rig.server.lose_sessions();
    CHECK(rig.ask(work()) == done_in("home"));
    CHECK(places.switches == 1);
    // What was in force before stays so.
    places.refusal = nullptr;
    CHECK(rig.ask(switch_to("first")));
    places.refusal = answer;
    (void)rig.ask(switch_to("away"));
    places.refusal = nullptr;
    CHECK(rig.ask(work()) == done_in("first"));
    rig.server.lose_sessions();
    CHECK(rig.ask(work()) == done_in("first"));
  }
}

TEST_CASE("A switch that finds the session lost is made in the new one, and is the one that holds") {
  RemoteRig rig;
  Places places(rig);
  CHECK(rig.ask(switch_to("away")));
  rig.server.lose_sessions();
  CHECK(rig.ask(switch_to("elsewhere")));
  CHECK(rig.ask(work()) == done_in("elsewhere"));
  rig.server.lose_sessions();
  CHECK(rig.ask(work()) == done_in("elsewhere"));
}

TEST_CASE("One switch holds for every session with the server, lost ones and later ones, too") {
  RemoteRig rig;
  Places places(rig);
  remote::SessionHttp other(rig.authorized, {endpoint, {}, {}, 1024 * 1024, rig.last_switch});
  const auto ask_other = [&](const mcp::Message& asked) -> std::string {
    Collected answers;
    const auto sent = other.send(asked, answers, {});
    return sent ? answers.messages.at(0) : sent.error().message();
  };
  ask_other(request("0", "initialize", R"({"protocolVersion":"2025-11-25"})"));
  CHECK(ask_other(work()) == done_in("home"));
  CHECK(rig.ask(switch_to("away")));
  CHECK(ask_other(request("7", "tools/list")) == done_in("away"));
  CHECK(ask_other(work()) == done_in("away"));
  rig.server.lose_sessions();
  CHECK(rig.ask(switch_to("elsewhere")));
  CHECK(ask_other(work()) == done_in("elsewhere"));
  CHECK(rig.ask(work()) == done_in("elsewhere"));
}

TEST_CASE("Of switches that cross, the last one that was answered holds") {
  RemoteRig rig;
  Places places(rig);
  std::atomic<bool> arrived = false, answered = false;
  places.before_switch = [&](const std::string& place) {
    if (place != "slow") return;
    arrived = true;
    eventually([&] { return answered.load(); });
  };
  Result<std::string> slow;
  std::thread other([&] {
    slow = rig.ask(switch_to("slow"));
    places.before_switch = nullptr;
  });
  CHECK(eventually([&] { return arrived.load(); }));
  CHECK(rig.ask(switch_to("quick", "2")));
  answered = true;
  other.join();
  CHECK(slow);
  places.places["session-1"] = "quick";  // perhaps the server took them in another order than it answered
  CHECK(rig.ask(work()) == done_in("slow"));
}

TEST_CASE("A modern server that comes in another's place is told of the switch before a call") {
  StatelessRig rig;
  std::string place = "home";
  rig.on_request = [&](const http::Request&, const mcp::Message& said, const Cancellation&) {
    if (said.method() == "tools/list") return Played::json(mcp::make_result(said.id(), tool_list("")));
    if (said.param("name") == "\"switch\"") place = place_in(said);
    return Played::json(mcp::make_result(said.id(), R"({"resultType":"complete","at":")" + place + "\"}"));
  };
  const auto place_of_call = [&] {
    const auto answer = rig.ask(modern_request("7", "tools/call", R"(,"name":"work")"));
    REQUIRE(answer);
    return mcp::json::decode(*mcp::json::member(message(*answer).result(), "at"));
  };
  rig.last_switch->note(switch_to("away"));
  CHECK(place_of_call() == "away");
  place = "home";  // a server's own matter: it has been told
  CHECK(place_of_call() == "home");
  CHECK(rig.ask(modern_request("1", "tools/call", R"(,"name":"switch","arguments":{"to":"elsewhere"})")));
  CHECK(place_of_call() == "elsewhere");
  place = "home";
  rig.last_switch->renew();  // it speaks otherwise, so it is another one
  CHECK(place_of_call() == "elsewhere");
}
