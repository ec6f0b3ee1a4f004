#include "../../../src/bridge/modern_host/subscriptions.h"

#include <catch2/catch_test_macros.hpp>
#include <stdexcept>

#include "support/modern_host_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using bridge::modern_host::ChangeFilter;

namespace {

const std::string all_changes = R"({"tools":{"listChanged":true},"prompts":{"listChanged":true},)"
                                R"("resources":{"listChanged":true,"subscribe":true},"logging":{}})";

mcp::Message subscribe(const std::string& id, const std::string& filter) {
  return modern_request(id, "subscriptions/listen", R"("notifications":)" + filter);
}

std::string change(const std::string& what) {
  return notification_text("notifications/" + what + "/list_changed");
}

std::string acknowledged(const std::string& id, const std::string& filter) {
  return R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":)" +
         filter + R"(,"_meta":{"io.modelcontextprotocol/subscriptionId":)" + id + "}}}";
}

std::string tag(const std::string& id) {
  return R"({"_meta":{"io.modelcontextprotocol/subscriptionId":)" + id + "}}";
}

}  // namespace

TEST_CASE("A filter takes what it names, and parts of the resources that it names") {
  const auto filter = ChangeFilter::of(
      R"({"toolsListChanged":true,"promptsListChanged":false,"resourceSubscriptions":["f://a","f://d/",7,"f:\/\/a"]})");
  CHECK(filter.uris.size() == 2);
  CHECK(filter.takes(message(change("tools"))));
  CHECK_FALSE(filter.takes(message(change("prompts"))));
  CHECK_FALSE(filter.takes(message(change("resources"))));
  auto takes = [&](const std::string& uri) {
    return filter.takes(notification("notifications/resources/updated", R"({"uri":")" + uri + "\"}"));
  };
  CHECK(takes("f://a"));
  CHECK(takes("f:\\/\\/a"));
  CHECK(takes("f://a/b"));
  CHECK(takes("f://a?x"));
  CHECK(takes("f://d/e"));
  CHECK_FALSE(takes("f://ab"));
  CHECK_FALSE(takes("f://"));
  CHECK_FALSE(takes("f://d"));
  CHECK_FALSE(filter.takes(notification("notifications/resources/updated")));
  CHECK(filter.text() == R"({"toolsListChanged":true,"resourceSubscriptions":["f://a","f://d/"]})");
  CHECK(ChangeFilter::of("{}").text() == "{}");
}

TEST_CASE("A filter asks for what the server declares only") {
  const auto everything = ChangeFilter::of(
      R"({"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["a:b"]})");
  CHECK(everything.offered_by(all_changes).text() == everything.text());
  CHECK(everything.offered_by("{}").text() == "{}");
  CHECK(everything
            .offered_by(R"({"tools":{"listChanged":false},"prompts":{"listChanged":true},"resources":{}})")
            .text() == R"({"promptsListChanged":true})");
  CHECK(everything.offered_by(R"({"resources":{"subscribe":true}})").text() ==
        R"({"resourceSubscriptions":["a:b"]})");
}

TEST_CASE("A subscription is acknowledged first, and then told each change under its own id") {
  ModernHostRig rig;
  rig.server.capabilities = all_changes;
  const auto first = rig.begin(subscribe("1", R"({"toolsListChanged":true,"promptsListChanged":true})"));
  const auto second = rig.begin(subscribe("\"s\"", R"({"toolsListChanged":true})"));
  REQUIRE(first->wait_for_heard(1));
  REQUIRE(second->wait_for_heard(1));
  CHECK(first->heard()[0] == acknowledged("1", R"({"toolsListChanged":true,"promptsListChanged":true})"));
  CHECK(second->heard()[0] == acknowledged("\"s\"", R"({"toolsListChanged":true})"));

  rig.server.tell_unasked(0, change("tools"));
  rig.server.tell_unasked(0, change("resources"));
  rig.server.tell_unasked(0, change("prompts"));
  REQUIRE(first->wait_for_heard(3));
  REQUIRE(second->wait_for_heard(2));
  CHECK(first->heard()[1] == notification_text("notifications/tools/list_changed", tag("1")));
  CHECK(first->heard()[2] == notification_text("notifications/prompts/list_changed", tag("1")));
  CHECK(second->heard()[1] == notification_text("notifications/tools/list_changed", tag("\"s\"")));

  first->cancellation.cancel();
  CHECK(first->wait().error().code == ErrorCode::cancelled);
  rig.server.tell_unasked(0, change("tools"));
  REQUIRE(second->wait_for_heard(3));
  CHECK(first->heard().size() == 3);
  second->cancellation.cancel();
  CHECK(second->wait().error().code == ErrorCode::cancelled);
  CHECK(rig.server.session_count() == 1);
  // No request of the server's is behind a subscription.
  CHECK(rig.server.count("notifications/cancelled") == 0);
}

TEST_CASE("A change that is said in the middle of a call reaches the subscription and not the call") {
  ModernHostRig rig;
  rig.server.capabilities = all_changes;
  rig.server.on("tools/call", [](const LegacyServer::Call& call) -> LegacyServer::Answer {
    call.say(change("tools"));
    call.say(notification_text("notifications/resources/updated", R"({"uri":"a:b"})"));
    return "{}";
  });
  const auto subscription = rig.begin(subscribe("1", R"({"toolsListChanged":true})"));
  REQUIRE(subscription->wait_for_heard(1));
  const auto call = rig.begin(modern_request("2", "tools/call", R"("name":"x")"));
  CHECK(call->response().result() == R"({"resultType":"complete"})");
  CHECK(call->heard().size() == 1);
  CHECK(subscription->wait_for_heard(2));
  subscription->cancellation.cancel();
}

TEST_CASE("Resources are subscribed to in the session, once for all, and those that are refused left out") {
  ModernHostRig rig;
  rig.server.capabilities = all_changes;
  rig.server.on("resources/subscribe", [](const LegacyServer::Call& call) -> LegacyServer::Answer {
    if (call.request.param("uri") == "\"a:no\"")
      return LegacyServer::Answer::error(R"({"code":-32002,"message":"no"})");
    if (call.request.param("uri") == "\"a:lost\"") return Error{ErrorCode::lost, "Lost.", ""};
    return "{}";
  });
  const auto first =
      rig.begin(subscribe("1", R"({"resourceSubscriptions":["a:no","a:yes","a:lost","a:both","a:yes"]})"));
  REQUIRE(first->wait_for_heard(1));
  CHECK(first->heard()[0] == acknowledged("1", R"({"resourceSubscriptions":["a:yes","a:both"]})"));
  const auto second = rig.begin(subscribe("2", R"({"resourceSubscriptions":["a:both"]})"));
  REQUIRE(second->wait_for_heard(1));
  CHECK(rig.server.count("resources/subscribe") == 4);

  rig.server.tell_unasked(0, notification_text("notifications/resources/updated", R"({"uri":"a:yes"})"));
  rig.server.tell_unasked(0, notification_text("notifications/resources/updated", R"({"uri":"a:both"})"));
  REQUIRE(first->wait_for_heard(3));
  REQUIRE(second->wait_for_heard(2));
  CHECK(first->heard()[1] ==
        notification_text("notifications/resources/updated",
                          R"({"uri":"a:yes","_meta":{"io.modelcontextprotocol/subscriptionId":1}})"));
  CHECK(second->heard()[1] ==
        notification_text("notifications/resources/updated",
                          R"({"uri":"a:both","_meta":{"io.modelcontextprotocol/subscriptionId":2}})"));

  first->cancellation.cancel();
  CHECK(!first->wait());
  const auto left = rig.server.sent("resources/unsubscribe");
  REQUIRE(left.size() == 1);
  CHECK(message(left[0]).param("uri") == "\"a:yes\"");
  second->cancellation.cancel();
  CHECK(!second->wait());
  CHECK(rig.server.count("resources/unsubscribe") == 2);
}

TEST_CASE("A change that is told again before the host has heard of it is heard of once") {
  ModernHostRig rig;
  rig.server.capabilities = all_changes;
  struct Slow : remote::Receiver {
    void on_message(mcp::Message said) override {
      std::unique_lock lock(mutex);
      heard.push_back(said.text());
      changed.notify_all();
      changed.wait_for(lock, patience, [this] { return go; });
    }
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> heard;
    bool go = false;
  } slow;
  Cancellation cancellation;
  std::thread thread([&] {
    (void)rig.translator().send(subscribe("1", R"({"toolsListChanged":true,"promptsListChanged":true})"),
                                slow, {cancellation, false});
  });
  CHECK(eventually([&] {
    std::lock_guard lock(slow.mutex);
    return slow.heard.size() == 1;
  }));
  for (int i = 0; i < 5; ++i) {
    rig.server.tell_unasked(0, change("tools"));
    rig.server.tell_unasked(0, change("prompts"));
  }
  CHECK(rig.server.answer_to(rig.server.ask_unasked(0, "ping")));
  {
    std::lock_guard lock(slow.mutex);
    slow.go = true;
    slow.changed.notify_all();
  }
  CHECK(eventually([&] {
    std::lock_guard lock(slow.mutex);
    return slow.heard.size() >= 3;
  }));
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  cancellation.cancel();
  thread.join();
  CHECK(slow.heard.size() == 3);
}

TEST_CASE("A subscription to nothing that the server tells is acknowledged as such, and stays") {
  ModernHostRig rig;
  const auto subscription = rig.begin(subscribe("1", R"({"toolsListChanged":true})"));
  REQUIRE(subscription->wait_for_heard(1));
  CHECK(subscription->heard()[0] == acknowledged("1", "{}"));
  rig.server.tell_unasked(0, change("tools"));
  const auto ping = rig.server.ask_unasked(0, "ping");
  CHECK(rig.server.answer_to(ping));
  CHECK(subscription->heard().size() == 1);
  CHECK_FALSE(subscription->is_over());
  subscription->cancellation.cancel();
}

TEST_CASE("A subscription that ends with us ends with a result") {
  ModernHostRig rig;
  rig.server.capabilities = all_changes;
  const auto subscription = rig.begin(subscribe("1", R"({"toolsListChanged":true})"));
  REQUIRE(subscription->wait_for_heard(1));
  rig.translator().close(std::chrono::milliseconds(100));
  CHECK(subscription->response().result() ==
        R"({"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":1}})");
}

TEST_CASE("A subscription to a server that can't be reached fails, and so does one without a filter") {
  ModernHostRig rig;
  rig.server.on("initialize", [](const LegacyServer::Call&) -> LegacyServer::Answer {
    return Error{ErrorCode::unreachable, "No way.", ""};
  });
  CHECK(rig.begin(subscribe("1", "{}"))->wait().error().code == ErrorCode::unreachable);
  CHECK(member_text(rig.send(modern_request("2", "subscriptions/listen")).error(), "code") == "-32602");
}

TEST_CASE("A subscription whose host can't be told anything leaves nothing behind") {
  struct Deaf : remote::Receiver {
    void on_message(mcp::Message) override { throw std::runtime_error("no"); }
  } host;
  ModernHostRig rig;
  rig.server.capabilities = all_changes;
  CHECK_THROWS_AS(
      rig.translator().send(subscribe("1", R"({"toolsListChanged":true,"resourceSubscriptions":["f://a"]})"),
                            host, {}),
      std::runtime_error);
  CHECK(rig.server.count("resources/subscribe") == 1);
  CHECK(rig.server.count("resources/unsubscribe") == 1);
  rig.server.tell_unasked(0, change("tools"));
  CHECK(rig.server.answer_to(rig.server.ask_unasked(0, "ping")));
}
