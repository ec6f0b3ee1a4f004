#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <thread>
#include <tuple>

#include "support/stateless_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;

namespace {

const std::string quick = "retry: 1\n\n";

std::string tag(const std::string& id) {
  return R"({"_meta":{"io.modelcontextprotocol/subscriptionId":)" + id + "}";
}
std::string acknowledged(const std::string& id) {
  return notification_text("notifications/subscriptions/acknowledged",
                           tag(id) + R"(,"notifications":{"toolsListChanged":true}})");
}
std::string changed(const std::string& id) {
  return notification_text("notifications/tools/list_changed", tag(id) + "}");
}
std::string ended(const std::string& id) {
  return mcp::make_result(id, R"({"resultType":"complete",)" + tag(id).substr(1) + "}");
}

mcp::Message listen(const std::string& id = "7") {
  return modern_request(id, "subscriptions/listen", R"(,"notifications":{"toolsListChanged":true})");
}

// Plays one stream after another, for ids that it is told.
struct Player {
  using Stream = std::function<Played(const std::string& id)>;
  Player(StatelessRig& rig, std::vector<Stream> streams) {
    rig.on_request = [this, streams = std::move(streams)](const auto&, const mcp::Message& said,
                                                          const auto&) {
      ids.emplace_back(said.id());
      return streams.at(ids.size() - 1)(std::string(said.id()));
    };
  }
  std::vector<std::string> ids;
};

}  // namespace

TEST_CASE("A subscription's notifications come as they are said, and its answer ends it") {
  http::Limits limits;
  limits.whole = 1h;
  StatelessRig rig(limits);
  Player server(rig, {[](const std::string& id) {
                  return Played::stream({sse_event(acknowledged(id)), ":\n\n", sse_event(changed(id)),
                                         sse_event(request_text("1", "roots/list")) + sse_event(ended(id))});
                }});
  CHECK(rig.remote.send(listen(), rig.received, {}));
  CHECK(rig.received.messages == std::vector<std::string>{acknowledged("7"), changed("7"), ended("7")});
  REQUIRE(rig.http.requests().size() == 1);
  const auto sent = rig.http.requests()[0];
  CHECK(sent.method == "POST");
  CHECK(sent.body == listen().text());
  CHECK(header(sent, "Mcp-Method") == "subscriptions/listen");
  CHECK(header(sent, "MCP-Protocol-Version") == "2026-07-28");
  CHECK(sent.limits.silence == 30min);
  CHECK_FALSE(sent.limits.whole);
}

TEST_CASE("A stream that breaks is asked for again under a new id, of which the host sees nothing") {
  const bool in_order = GENERATE(true, false);
  StatelessRig rig;
  Player server(
      rig,
      {[&](const std::string& id) {
         auto played = Played::stream({quick + sse_event(acknowledged(id)) + sse_event(changed(id))});
         return in_order ? played : std::move(played).then(ErrorCode::lost);
       },
       [](const std::string& id) {
         return Played::stream({sse_event(acknowledged(id)), sse_event(changed(id)), sse_event(ended(id))});
       }});
  CHECK(rig.remote.send(listen(), rig.received, {}));
  CHECK(server.ids == std::vector<std::string>{"7", "\"clickflow-mcp/again/1\""});
  CHECK(rig.received.messages == std::vector<std::string>{acknowledged("7"), changed("7"),
                                                          changed("7"),  // what may have been missed
                                                          changed("7"), ended("7")});
  CHECK(header(rig.http.requests()[1], "Last-Event-ID") == "none");
}

TEST_CASE("A server that is in trouble, or away, is asked again") {
  const auto trouble =
      GENERATE(Played::broken(ErrorCode::unreachable), Played::broken(ErrorCode::lost),
               Played::broken(ErrorCode::timed_out), Played::nothing(500), Played::nothing(503),
               Played::nothing(429), Played::nothing(408), Played::nothing(401), Played::stream({"data: x"}),
               Played::stream({sse_event("nonsense")}));
  StatelessRig rig;
  std::atomic<int> asked = 0;
  const Cancellation cancellation;
  rig.on_request = [&](const auto&, const auto&, const auto&) {
    ++asked;
    return trouble;
  };
  Result<void> sent;
  std::thread subscriber([&] { sent = rig.remote.send(listen(), rig.received, {cancellation, false, {}}); });
  CHECK(eventually([&] { return asked == 1; }));
  CHECK_FALSE(rig.http.wait_for_requests(2, 50ms));  // after a pause, that is
  cancellation.cancel();
  subscriber.join();
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::cancelled);
  CHECK(rig.received.messages.empty());
}

TEST_CASE("The pauses before a stream is asked for again end in its being asked for") {
  StatelessRig rig;
  Player server(rig, {[](const std::string&) { return Played::nothing(503); },
                      [](const std::string& id) { return Played::json(ended(id)); }});
  CHECK(rig.ask(listen()) == ended("7"));
}

TEST_CASE("A refusal that will stay one ends a subscription with that error") {
  struct Row {
    Played played;
    ErrorCode code;
  };
  const auto row = GENERATE(
      Row{Played::nothing(400), ErrorCode::rejected}, Row{Played::nothing(404), ErrorCode::rejected},
      Row{Played::nothing(405), ErrorCode::rejected}, Row{Played::nothing(403), ErrorCode::forbidden},
      Row{Played::nothing(501), ErrorCode::lost}, Row{Played::nothing(202), ErrorCode::protocol},
      Row{{200, {{"Content-Type", "text/html"}}, {"<html>"}, {}}, ErrorCode::protocol},
      Row{Played::stream({"data: " + std::string(2'000'000, ' ')}), ErrorCode::protocol},
      Row{Played::json(mcp::make_result("7", R"({"resultType":"input_required"})")), ErrorCode::protocol});
  StatelessRig rig;
  rig.on_request = [&](const auto&, const auto&, const auto&) { return row.played; };
  const auto answer = rig.ask(listen());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == row.code);
  CHECK(rig.http.requests().size() == 1);
}

TEST_CASE("A JSON-RPC error ends a subscription, whenever it comes") {
  const std::string error = mcp::make_error("7", mcp::method_not_found, "no");
  StatelessRig rig;
  Player at_once(rig, {[](const std::string&) {
                   return Played{404, {}, {mcp::make_error("null", mcp::method_not_found, "no")}, {}};
                 }});
  CHECK(rig.ask(listen()) == error);

  Player later(rig, {[](const std::string& id) { return Played::stream({quick + sse_event(changed(id))}); },
                     [](const std::string& id) {
                       return Played::stream({sse_event(mcp::make_error(id, mcp::method_not_found, "no"))});
                     }});
  rig.received.messages.clear();
  CHECK(rig.remote.send(listen(), rig.received, {}));
  CHECK(rig.received.messages == std::vector<std::string>{changed("7"), error});
}

TEST_CASE("A subscription that the server cancels is answered") {
  StatelessRig rig;
  Player server(rig, {[](const std::string& id) {
                  return Played::stream({sse_event(acknowledged(id)) +
                                         sse_event(notification_text("notifications/cancelled",
                                                                     R"({"requestId":)" + id + "}"))});
                }});
  CHECK(rig.remote.send(listen(), rig.received, {}));
  CHECK(rig.received.messages == std::vector<std::string>{acknowledged("7"), ended("7")});
}

TEST_CASE("Cancelling a subscription ends it, be it in a stream or in a pause") {
  const auto code = GENERATE(ErrorCode::cancelled, ErrorCode::lost);
  StatelessRig rig;
  const Cancellation cancellation;
  rig.on_request = [&](const auto&, const auto&, const Cancellation& its) {
    cancellation.cancel();
    CHECK(its.cancelled());
    return Played::broken(code);
  };
  const auto sent = rig.remote.send(listen(), rig.received, {cancellation, false, {}});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::cancelled);
  CHECK(rig.http.requests().size() == 1);
}

TEST_CASE("A stream that brings no more than an agreement is not asked for again at once") {
  StatelessRig rig;
  const Cancellation cancellation;
  rig.on_request = [&](const auto&, const mcp::Message& said, const auto&) {
    return Played::stream({quick + sse_event(acknowledged(std::string(said.id())))});
  };
  std::thread subscriber([&] {
    std::ignore = rig.remote.send(listen(), rig.received, {cancellation, false, {}});
  });
  CHECK(rig.http.wait_for_requests(1));
  CHECK_FALSE(rig.http.wait_for_requests(2, 50ms));
  cancellation.cancel();
  subscriber.join();
}

TEST_CASE("A subscription that was refused is asked for again as soon as somebody has signed in") {
  StatelessRig rig;
  rig.on_request = [&](const http::Request& sent, const mcp::Message& said, const auto&) {
    if (said.method() != "subscriptions/listen") return Played::json(mcp::make_result(said.id(), "{}"));
    if (header(sent, "Authorization") == "Bearer token") return Played::nothing(401);
    return Played::json(ended(std::string(said.id())));
  };
  Result<std::string> answer = std::string();
  std::thread subscriber([&] { answer = rig.ask(listen()); });
  REQUIRE(rig.http.wait_for_requests(2));  // the next pause is a second and a half at least
  REQUIRE(rig.ask(modern_request("1", "prompts/list")));
  CHECK_FALSE(rig.http.wait_for_requests(4, 100ms));
  rig.tokens.sign_in("signed in");
  const Stopwatch took;
  REQUIRE(rig.ask(modern_request("2", "prompts/list")));
  subscriber.join();
  CHECK(took.elapsed() < 1s);
  CHECK(answer == ended("7"));
}
