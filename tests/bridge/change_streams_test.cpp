#include "clickflow/bridge/change_streams.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <thread>

#include "support/messages.h"
#include "support/scripted_remote.h"

using namespace clickflow;
using bridge::ChangeStreams;
using clickflow::testing::Collected;
using clickflow::testing::eventually;
using clickflow::testing::message;
using clickflow::testing::notification;
using clickflow::testing::ScriptedRemote;

namespace {

void agree(const mcp::Message& asked, remote::Receiver& receiver) {
  receiver.on_message(notification("notifications/subscriptions/acknowledged",
                                   R"({"notifications":)" + std::string(asked.param("notifications")) + "}"));
}

// Agrees, and goes on until it is cancelled.
Result<void> lasting(const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion& occasion) {
  agree(asked, receiver);
  while (occasion.cancellation.sleep(60'000)) continue;
  return fail(ErrorCode::cancelled, "The request was cancelled.", "");
}

// Agrees to nothing, and goes on all the same.
Result<void> leaving_out(remote::Receiver& receiver, const auth::Occasion& occasion) {
  receiver.on_message(notification("notifications/subscriptions/acknowledged", R"({"notifications":{}})"));
  while (occasion.cancellation.sleep(60'000)) continue;
  return fail(ErrorCode::cancelled, "The request was cancelled.", "");
}

struct Rig {
  // The server answers so from the start; what it is to do later on() may say before anything is asked.
  explicit Rig(const std::string& lists, ScriptedRemote::Handler answer = {}) {
    if (answer) server.on("subscriptions/listen", std::move(answer));
    listener = std::thread([this, lists] { streams.run(lists, host, cancellation); });
  }
  ~Rig() { end(); }
  void end() {
    cancellation.cancel();
    if (listener.joinable()) listener.join();
  }

  ScriptedRemote server;
  ChangeStreams streams{server, [] { return std::string(R"({"m":1})"); }};
  Collected host;
  Cancellation cancellation;
  std::thread listener;
};

constexpr auto lists = R"({"toolsListChanged":true})";

}  // namespace

TEST_CASE("A stream for the lists is opened where there is something to tell, with the request's _meta") {
  Rig rig(lists);
  REQUIRE(rig.server.wait_for_count("subscriptions/listen", 1));
  rig.end();
  CHECK(rig.server.sent().at(0).find(
            R"("params":{"_meta":{"m":1},"notifications":{"toolsListChanged":true}})") != std::string::npos);

  Rig quiet("");
  quiet.end();
  CHECK(quiet.server.sent().empty());
}

TEST_CASE("A stream that the server ends is opened again under another id, and one that it refuses is not") {
  ScriptedRemote server;
  std::atomic<int> opened = 0;
  server.on("subscriptions/listen",
            [&](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion&) {
              if (++opened == 1) {
                agree(asked, receiver);
                receiver.on_message(testing::response_to(asked));
              } else {
                receiver.on_message(message(mcp::make_error(asked.id(), mcp::method_not_found, "no")));
              }
              return Result<void>{};
            });
  ChangeStreams streams(server, [] { return std::string("{}"); });
  Collected host;
  const Cancellation cancellation;
  std::thread listener([&] { streams.run(lists, host, cancellation); });
  CHECK(eventually([&] { return opened == 2; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  cancellation.cancel();
  listener.join();
  CHECK(opened == 2);
  REQUIRE(server.sent().size() == 2);
  CHECK(server.sent()[0] != server.sent()[1]);
  CHECK(host.messages.empty());
}

TEST_CASE(
    "After a stream that the server has ended, the host hears of all that it may have missed meanwhile") {
  const bool of_lists = GENERATE(true, false);
  std::atomic<int> agreed = 0;
  Rig rig(of_lists ? R"({"toolsListChanged":true,"promptsListChanged":true})" : "",
          [&](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion& occasion) {
            agree(asked, receiver);
            if (++agreed == 1) receiver.on_message(testing::response_to(asked));
            while (agreed > 1 && occasion.cancellation.sleep(60'000)) continue;
            return Result<void>{};
          });
  if (!of_lists) REQUIRE(rig.streams.subscribe("\"a:1\"", {}));
  CHECK(eventually([&] { return agreed == 2; }));
  rig.end();
  const std::vector<std::string> expected =
      of_lists
          ? std::vector{testing::notification_text("notifications/tools/list_changed", "{}"),
                        testing::notification_text("notifications/prompts/list_changed", "{}")}
          : std::vector{testing::notification_text("notifications/resources/updated", R"({"uri":"a:1"})")};
  CHECK(rig.host.messages == expected);
}

TEST_CASE("A stream is given up for an error that will be said again only") {
  const bool passes = GENERATE(true, false);
  const std::string error =
      passes ? GENERATE(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Unavailable"}})",
                        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Oops"}})")
             : GENERATE(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"No"}})",
                        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"No"}})",
                        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32021,"message":"No"}})");
  CAPTURE(error);
  std::atomic<bool> first = true;
  Rig rig("");
  rig.server.on("subscriptions/listen",
                [&](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion& occasion) {
                  if (!first.exchange(false)) return lasting(asked, receiver, occasion);
                  receiver.on_message(message(error));
                  return Result<void>{};
                });
  CHECK(rig.streams.subscribe("\"a:1\"", {}).has_value() == passes);
  CHECK(rig.server.count("subscriptions/listen") == (passes ? 2 : 1));
}

TEST_CASE("Each resource has a stream of its own, which ends without touching the others") {
  std::atomic<int> open = 0;
  Rig rig("");
  rig.server.on("subscriptions/listen",
                [&](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion& occasion) {
                  ++open;
                  auto ended = lasting(asked, receiver, occasion);
                  --open;
                  return ended;
                });
  REQUIRE(rig.streams.subscribe("\"a:1\"", {}));
  REQUIRE(rig.streams.subscribe("\"a:2\"", {}));
  CHECK(open == 2);
  rig.streams.unsubscribe("\"a:1\"");
  CHECK(eventually([&] { return open == 1; }));
  rig.streams.unsubscribe("\"a:unknown\"");
  CHECK(open == 1);
  rig.end();
  CHECK(open == 0);
}

TEST_CASE("There is an end to how many resources are followed, and those that are go on") {
  Rig rig("");
  rig.server.on("subscriptions/listen", lasting);
  for (int i = 0; i < 64; ++i) REQUIRE(rig.streams.subscribe("\"a:" + std::to_string(i) + "\"", {}));
  const auto refused = rig.streams.subscribe("\"a:64\"", {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::rejected);
  CHECK(rig.streams.subscribe("\"a:0\"", {}));
  CHECK(rig.server.count("subscriptions/listen") == 64);
  rig.streams.unsubscribe("\"a:0\"");
  CHECK(rig.streams.subscribe("\"a:64\"", {}));
}

TEST_CASE(
    "A resource that the server does not tell of holds no stream, and may be asked for again and again") {
  std::atomic<int> open = 0;
  Rig rig("");
  rig.server.on("subscriptions/listen",
                [&](const mcp::Message& asked, remote::Receiver& receiver, const auth::Occasion& occasion) {
                  ++open;
                  const bool serves = asked.text().find("\"a:good\"") != std::string::npos;
                  auto ended = serves ? lasting(asked, receiver, occasion) : leaving_out(receiver, occasion);
                  --open;
                  return ended;
                });
  for (int i = 0; i < 130; ++i) {
    const auto refused = rig.streams.subscribe("\"a:" + std::to_string(i % 65) + "\"", {});
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().code == ErrorCode::rejected);
  }
  CHECK(rig.streams.subscribe("\"a:good\"", {}));
  CHECK(eventually([&] { return open == 1; }));
}

TEST_CASE("Who waits for a server that does not agree can be cancelled") {
  Rig rig("");
  rig.server.on("subscriptions/listen",
                [](const mcp::Message&, remote::Receiver&, const auth::Occasion& occasion) {
                  while (occasion.cancellation.sleep(60'000)) continue;
                  return Result<void>(fail(ErrorCode::cancelled, "The request was cancelled.", ""));
                });
  const Cancellation cancellation;
  std::thread cancel([&] {
    CHECK(rig.server.wait_for_count("subscriptions/listen", 1));
    cancellation.cancel();
  });
  CHECK(rig.streams.subscribe("\"a:1\"", cancellation).error().code == ErrorCode::cancelled);
  cancel.join();
}
