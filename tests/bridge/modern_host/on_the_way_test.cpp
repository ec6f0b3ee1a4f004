#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/modern_host_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;
using Call = LegacyServer::Call;
using Answer = LegacyServer::Answer;

namespace {

std::string progress(const std::string& token, int value) {
  return notification_text("notifications/progress",
                           "{\"progressToken\":" + token + ",\"progress\":" + std::to_string(value) + "}");
}
std::string logged(const std::string& level) {
  return notification_text("notifications/message", R"({"level":")" + level + R"(","data":"d"})");
}
std::string level_meta(const std::string& level) {
  return R"(,"io.modelcontextprotocol/logLevel":")" + level + "\"";
}
std::string level_set(const std::string& request) {
  return mcp::json::decode(message(request).param("level"));
}

Answer wait_to_be_cancelled(const Call& call) {
  call.wait_until_cancelled();
  return Error{ErrorCode::cancelled, "Cancelled.", ""};
}

}  // namespace

TEST_CASE("A cancelled call is cancelled at the server under the server's id of it, and ends unanswered") {
  ModernHostRig rig;
  const auto method = GENERATE("tools/call", "completion/complete");
  rig.server.on(method, wait_to_be_cancelled);
  const auto call = rig.begin(modern_request("\"h\"", method));
  REQUIRE(rig.server.wait_for_count(method, 1));
  call->cancellation.cancel();
  CHECK(call->wait().error().code == ErrorCode::cancelled);
  REQUIRE(rig.server.count("notifications/cancelled") == 1);
  CHECK(message(rig.server.sent("notifications/cancelled")[0]).param("requestId") ==
        message(rig.server.sent(method)[0]).id());
  CHECK(call->heard().empty());
}

TEST_CASE("What is no request is nothing to a legacy server") {
  ModernHostRig rig;
  rig.send(modern_request("1", "tools/call"));
  CHECK(rig.notify("notifications/cancelled", "{\"requestId\":1}"));
  CHECK(rig.notify("notifications/initialized", "{}"));
  Collected nobody;
  CHECK(rig.translator().send(message(mcp::make_result("7", "{}")), nobody, {}));
  CHECK(rig.server.sent().size() == 3);
}

TEST_CASE("A retry that is cancelled cancels the call, and what the server still asks is refused") {
  ModernHostRig rig;
  rig.server.on("tools/call", [](const Call& call) -> Answer {
    (void)call.ask("roots/list");
    return wait_to_be_cancelled(call);
  });
  const auto asked = rig.send(modern_request("1", "tools/call"));
  const auto retry = rig.begin(modern_request("2", "tools/call", retry_of(asked, R"({"q1":{}})")));
  REQUIRE(rig.server.answer_to("1000"));
  retry->cancellation.cancel();
  CHECK(retry->wait().error().code == ErrorCode::cancelled);
  CHECK(rig.server.count("notifications/cancelled") == 1);
  CHECK(message(rig.server.sent("notifications/cancelled")[0]).param("requestId") ==
        message(rig.server.sent("tools/call")[0]).id());
  // It is over: its state is worth nothing.
  CHECK(!rig.send(modern_request("3", "tools/call", retry_of(asked, R"({"q1":{}})"))).error().empty());
}

TEST_CASE("What is asked in the moment of a cancellation is answered with an error") {
  auto settings = ModernHostRig::quick();
  settings.gather_time = patience;
  ModernHostRig rig(settings);
  std::atomic<bool> asked = false;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    call.begin_to_ask("roots/list");
    asked = true;
    return wait_to_be_cancelled(call);
  });
  const auto call = rig.begin(modern_request("1", "tools/call"));
  REQUIRE(eventually([&] { return asked.load(); }));
  call->cancellation.cancel();
  CHECK(call->wait().error().code == ErrorCode::cancelled);
  CHECK(member_text(message(rig.server.answer_to("1000").value()).error(), "code") == "-32603");
}

TEST_CASE("Progress passes with the host's token, and with the retry's own after a retry") {
  ModernHostRig rig;
  Flag suspended, said;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    call.say(progress("\"first\"", 1));
    const auto question = call.begin_to_ask("roots/list");
    suspended.wait();
    call.say(progress("\"first\"", 2));  // nobody is there
    said.raise();
    (void)call.wait_for_answer(question);
    call.say(progress("\"first\"", 3));
    return "{}";
  });
  const auto first =
      rig.begin(modern_request("1", "tools/call", "", asks_all, R"(,"progressToken":"first")"));
  REQUIRE(asks_for_input(first->response()));
  CHECK(first->heard()[0] == progress("\"first\"", 1));
  CHECK(first->heard().size() == 2);
  CHECK(message(rig.server.sent("tools/call")[0]).params() == R"({"_meta":{"progressToken":"first"}})");
  suspended.raise();
  REQUIRE(said.wait());
  const std::string retry = retry_of(first->response(), R"({"q1":{}})");
  const bool wants_progress = GENERATE(true, false);
  const auto second = rig.begin(
      modern_request("2", "tools/call", retry, asks_all, wants_progress ? R"(,"progressToken":2)" : ""));
  CHECK(second->response().error().empty());
  if (wants_progress) {
    REQUIRE(second->heard().size() == 3);
    CHECK(second->heard()[0] == progress("2", 2));
    CHECK(second->heard()[1] == progress("2", 3));
  } else {
    CHECK(second->heard().size() == 1);
  }
}

TEST_CASE("Progress on the session's own stream finds its call by the token") {
  ModernHostRig rig;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    const auto token = member_text(call.request.param("_meta"), "progressToken");
    rig.server.tell_unasked(0, progress(token, 1));
    (void)call.wait_for_answer("\"go\"");
    return "{}";
  });
  const auto first = rig.begin(modern_request("1", "tools/call", "", asks_all, R"(,"progressToken":1)"));
  const auto second = rig.begin(modern_request("2", "tools/call", "", asks_all, R"(,"progressToken":2)"));
  REQUIRE(first->wait_for_heard(1));
  REQUIRE(second->wait_for_heard(1));
  CHECK(first->heard()[0] == progress("1", 1));
  CHECK(second->heard()[0] == progress("2", 1));
  Collected nobody;
  (void)rig.server.sessions()()->send(message(mcp::make_result("\"go\"", "{}")), nobody, {});
}

TEST_CASE("The log passes to a call that asks for it, from its level on") {
  ModernHostRig rig;
  const auto method = GENERATE("tools/call", "completion/complete");
  rig.server.capabilities = R"({"logging":{}})";
  rig.server.on(method, [](const Call& call) -> Answer {
    for (const auto* level : {"info", "warning", "error", "loud"}) call.say(logged(level));
    call.say(notification_text("notifications/of/their/own", R"({"x":[1 ]})"));
    return "{}";
  });
  const auto silent = rig.begin(modern_request("1", method));
  CHECK(silent->response().error().empty());
  CHECK(silent->heard().size() == 2);
  CHECK(silent->heard()[0] == notification_text("notifications/of/their/own", R"({"x":[1 ]})"));
  CHECK(rig.server.count("logging/setLevel") == 0);
  const auto wordy = rig.begin(modern_request("2", method, "", asks_all, level_meta("warning")));
  CHECK(wordy->response().error().empty());
  REQUIRE(wordy->heard().size() == 4);
  CHECK(wordy->heard()[0] == logged("warning"));
  CHECK(wordy->heard()[1] == logged("error"));
  CHECK(member_text(rig.send(modern_request("3", method, "", asks_all, level_meta("loud"))).error(),
                    "code") == "-32602");
}

TEST_CASE("The log on the session's own stream passes to the call if there is one only") {
  ModernHostRig rig;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    rig.server.tell_unasked(0, logged("debug"));
    rig.server.tell_unasked(0, notification_text("notifications/of/their/own"));
    rig.server.tell_unasked(0, logged("error"));
    (void)call.wait_for_answer("\"go\"");
    return "{}";
  });
  const auto call = rig.begin(modern_request("1", "tools/call", "", asks_all, level_meta("error")));
  REQUIRE(call->wait_for_heard(1));
  Collected nobody;
  (void)rig.server.sessions()()->send(message(mcp::make_result("\"go\"", "{}")), nobody, {});
  CHECK(call->response().error().empty());
  CHECK(call->heard().size() == 2);
  CHECK(call->heard()[0] == logged("error"));
}

TEST_CASE("A call and its session may end while the session's own stream tells of it") {
  for (int i = 0; i < 50; ++i) {
    ModernHostRig rig;
    rig.server.on("tools/call", [&](const Call&) -> Answer {
      rig.server.tell_unasked(0, notification_text("notifications/of/their/own"));
      return "{}";
    });
    CHECK(rig.send(modern_request("1", "tools/call")).error().empty());
  }
}

TEST_CASE("Of what is said while nobody is there, only so much is kept") {
  Flag suspended, said;
  ModernHostRig rig;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    const auto question = call.begin_to_ask("roots/list");
    suspended.wait();
    for (int i = 1; i <= 100; ++i) call.say(progress("1", i));
    said.raise();
    (void)call.wait_for_answer(question);
    return "{}";
  });
  const auto asked = rig.send(modern_request("1", "tools/call", "", asks_all, R"(,"progressToken":1)"));
  REQUIRE(asks_for_input(asked));
  suspended.raise();
  REQUIRE(said.wait());
  const auto retry = rig.begin(
      modern_request("2", "tools/call", retry_of(asked, R"({"q1":{}})"), asks_all, R"(,"progressToken":2)"));
  CHECK(retry->response().error().empty());
  REQUIRE(retry->heard().size() == 65);
  CHECK(retry->heard()[63] == progress("2", 64));
}

TEST_CASE("The session logs at the most verbose level that is asked for at a time") {
  ModernHostRig rig;
  rig.server.capabilities = R"({"logging":{}})";
  rig.server.on("tools/call", [](const Call& call) -> Answer { return call.ask("roots/list"); });
  // A suspended call hears nothing, so it asks for nothing.
  const auto asked = rig.send(modern_request("1", "tools/call", "", asks_all, level_meta("error")));
  REQUIRE(asks_for_input(asked));
  rig.send(modern_request("2", "tools/list", "", asks_all, level_meta("debug")));
  rig.send(modern_request("3", "tools/list", "", asks_all, level_meta("debug")));
  rig.send(modern_request("4", "tools/call", retry_of(asked, R"({"q1":{}})"), asks_all, level_meta("error")));
  const auto set = rig.server.sent("logging/setLevel");
  REQUIRE(set.size() == 3);
  CHECK(level_set(set[0]) == "error");
  CHECK(level_set(set[1]) == "debug");
  CHECK(level_set(set[2]) == "error");
}

TEST_CASE("A server that logs nothing is told no level, and one that refuses it is called all the same") {
  ModernHostRig rig;
  const bool logs = GENERATE(false, true);
  if (logs) rig.server.capabilities = R"({"logging":{}})";
  rig.server.on("logging/setLevel",
                [](const Call&) { return Answer::error(R"({"code":1,"message":"no"})"); });
  CHECK(rig.send(modern_request("1", "tools/call", "", asks_all, level_meta("error"))).error().empty());
  CHECK(rig.server.count("logging/setLevel") == (logs ? 1 : 0));
}

TEST_CASE("What the call's way there says to the person is said in the host's own request") {
  ModernHostRig rig;
  Flag suspended, asked_again;
  std::atomic<bool> shown = false, interactive = false, shown_to_nobody = true;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    call.occasion.notice("Sign in.");
    shown = call.occasion.show_link("https://x");
    interactive = call.occasion.interactive;
    const auto question = call.begin_to_ask("roots/list");
    suspended.wait();
    // Nobody is there to say it to.
    call.occasion.notice("Sign in again.");
    shown_to_nobody = call.occasion.show_link("https://y");
    asked_again.raise();
    (void)call.wait_for_answer(question);
    return "{}";
  });
  std::vector<std::string> said;
  std::thread::id thread;
  auth::Occasion occasion;
  occasion.interactive = true;
  occasion.notice = [&](std::string_view text) {
    thread = std::this_thread::get_id();
    said.emplace_back(text);
  };
  occasion.show_link = [&](const std::string& link) {
    said.push_back(link);
    return true;
  };
  Collected heard;
  REQUIRE(rig.translator().send(modern_request("1", "tools/call"), heard, occasion));
  CHECK(said == std::vector<std::string>{"Sign in.", "https://x"});
  CHECK(thread == std::this_thread::get_id());
  CHECK(shown);
  suspended.raise();
  REQUIRE(asked_again.wait());
  Collected more;
  const auto asked = message(heard.messages.at(0));
  REQUIRE(rig.translator().send(modern_request("2", "tools/call", retry_of(asked, R"({"q1":{}})")), more,
                                occasion));
  CHECK(more.messages.size() == 1);
  CHECK(interactive);
  CHECK_FALSE(shown_to_nobody);
  CHECK(said.size() == 2);
}

TEST_CASE("A host that takes its time slows the server down") {
  ModernHostRig rig;
  std::atomic<int> said = 0;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    for (int i = 0; i < 10; ++i, ++said) call.say(progress("1", i));
    return "{}";
  });
  struct Slow : remote::Receiver {
    explicit Slow(std::atomic<int>& the_said) : server_said(the_said) {}
    void on_message(mcp::Message) override {
      std::this_thread::sleep_for(1ms);
      ahead = std::max(ahead, server_said - heard);
      ++heard;
    }
    std::atomic<int>& server_said;
    int heard = 0, ahead = 0;
  } slow(said);
  REQUIRE(rig.translator().send(modern_request("1", "tools/call", "", asks_all, R"(,"progressToken":1)"),
                                slow, {}));
  CHECK(slow.heard == 11);
  CHECK(slow.ahead <= 1);
}
