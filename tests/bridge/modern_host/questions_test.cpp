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

const std::string tool = R"("name":"x","arguments":{"n":1.0})";

std::string code_of(const mcp::Message& response) {
  return member_text(response.error(), "code");
}
std::string inputs_of(const mcp::Message& response) {
  return member_text(response.result(), "inputRequests");
}
bool says(const mcp::Message& response, std::string_view words) {
  return response.error().find(words) != std::string_view::npos;
}

}  // namespace

TEST_CASE(
    "What the server asks in the middle of a call is what the call is answered with, and the retry goes on") {
  ModernHostRig rig;
  const auto method = GENERATE("tools/call", "prompts/get", "resources/read");
  rig.server.on(method, [](const Call& call) -> Answer {
    return R"({"got":)" + call.ask("elicitation/create", R"({"message":"Who?", "requestedSchema":{ }})") +
           "}";
  });
  const auto asked = rig.send(modern_request("1", method, tool));
  CHECK(asked.id() == "1");
  CHECK(asked.result().starts_with(
      R"({"resultType":"input_required","inputRequests":{"q1":{"method":"elicitation/create","params":)"
      R"({"message":"Who?", "requestedSchema":{ }}}},"requestState":")"));

  const auto done = rig.send(modern_request(
      "2", method, tool + "," + retry_of(asked, R"({"q1":{"action":"accept", "content":{ }}})")));
  CHECK(done.id() == "2");
  CHECK(member_text(done.result(), "got") == R"({"action":"accept", "content":{ }})");
  CHECK(member_text(done.result(), "resultType") == "\"complete\"");
  CHECK(rig.server.count(method) == 1);
  CHECK(message(rig.server.sent(method)[0]).params() == "{" + tool + "}");
}

TEST_CASE("Questions that come together are asked together, and later ones in a round of their own") {
  auto settings = ModernHostRig::quick();
  settings.gather_time = 1s;
  ModernHostRig rig(settings);
  rig.server.on("tools/call", [](const Call& call) -> Answer {
    const auto first = call.begin_to_ask("roots/list");
    const auto second = call.begin_to_ask("sampling/createMessage", R"({"maxTokens":1})");
    const std::string both = *call.wait_for_answer(second) + *call.wait_for_answer(first);
    return R"({"both":)" + mcp::json::encode(both) + R"(,"last":)" + call.ask("roots/list") + "}";
  });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  CHECK(
      inputs_of(asked) ==
      R"({"q1":{"method":"roots/list","params":{}},"q2":{"method":"sampling/createMessage","params":{"maxTokens":1}}})");
  const auto again = rig.send(
      modern_request("2", "tools/call", tool + "," + retry_of(asked, R"({"q2":{"b":2},"q1":{"a":1}})")));
  CHECK(inputs_of(again) == R"({"q3":{"method":"roots/list","params":{}}})");
  const auto done =
      rig.send(modern_request("3", "tools/call", tool + "," + retry_of(again, R"({"q3":{"c":3}})")));
  CHECK(member_text(done.result(), "last") == R"({"c":3})");
  CHECK(mcp::json::decode(member_text(done.result(), "both")) ==
        R"({"jsonrpc":"2.0","id":1001,"result":{"b":2}}{"jsonrpc":"2.0","id":1000,"result":{"a":1}})");
  CHECK(rig.server.count("tools/call") == 1);
}

TEST_CASE("What a retry does not answer is asked again, and what it answers is sent at once") {
  Flag both;
  ModernHostRig rig;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    const auto first = call.begin_to_ask("roots/list");
    const auto second = call.begin_to_ask("roots/list");
    both.raise();
    (void)call.wait_for_answer(first);
    return *call.wait_for_answer(second);
  });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  REQUIRE(both.wait());
  const auto once = rig.send(
      modern_request("2", "tools/call", tool + "," + retry_of(asked, R"({"q2":{"b":2},"unknown":{}})")));
  CHECK(inputs_of(once) == R"({"q1":{"method":"roots/list","params":{}}})");
  CHECK(rig.server.answers_to("1001") == 1);
  const auto twice = rig.send(modern_request(
      "3", "tools/call", tool + ",\"requestState\":" + member_text(once.result(), "requestState")));
  CHECK(inputs_of(twice) == inputs_of(once));
  CHECK(member_text(twice.result(), "requestState") != member_text(once.result(), "requestState"));
  const auto done = rig.send(
      modern_request("4", "tools/call", tool + "," + retry_of(twice, R"({"q1":{},"q2":{"late":1}})")));
  CHECK(member_text(done.result(), "result") == R"({"b":2})");
  CHECK(rig.server.answers_to("1000") == 1);
  CHECK(rig.server.answers_to("1001") == 1);
}

TEST_CASE("A state is good once, for its request, and only if we gave it") {
  ModernHostRig rig;
  rig.server.on("tools/call", [](const Call& call) -> Answer { return call.ask("roots/list"); });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  const std::string retry = retry_of(asked, R"({"q1":{}})");

  auto refused = [&](const std::string& params, std::string_view why,
                     const std::string& method = "tools/call") {
    const auto answer = rig.send(modern_request("9", method, params));
    CAPTURE(answer.text());
    CHECK(code_of(answer) == "-32602");
    CHECK(says(answer, why));
  };
  refused(R"("name":"x","arguments":{"n":2},)" + retry, "another request");
  refused(tool + "," + retry, "another request", "prompts/get");
  refused(tool + R"(,"inputResponses":{},"requestState":"AAAA")", "none that was given out");
  refused(tool + R"(,"inputResponses":{},"requestState":7)", "none that was given out");
  refused(tool + R"(,"inputResponses":{"q1":{}})", "need the requestState");
  refused(
      tool + R"(,"inputResponses":{"q1":7},"requestState":)" + member_text(asked.result(), "requestState"),
      "must be an object");
  refused(tool + R"(,"inputResponses":[],"requestState":)" + member_text(asked.result(), "requestState"),
          "must be an object");
  // None of that has used it up. White space, order and spelling are the host's own affair.
  const auto done =
      rig.send(modern_request("2", "tools/call", R"("arguments": { "n":1 },"name":"\u0078",)" + retry));
  CHECK(done.error().empty());
  refused(tool + "," + retry, "used before");
  CHECK(rig.server.count("tools/call") == 1);
  CHECK(rig.server.answers_to("1000") == 1);
}

TEST_CASE("A state is not good while the same retry is in progress, or once there is a newer one") {
  ModernHostRig rig;
  rig.server.on("tools/call", [](const Call& call) -> Answer {
    (void)call.ask("roots/list");
    (void)call.wait_for_answer("\"a sign of the test's\"");
    return call.ask("roots/list");
  });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  const std::string retry = tool + "," + retry_of(asked, R"({"q1":{}})");
  const auto first = rig.begin(modern_request("2", "tools/call", retry));
  REQUIRE(rig.server.answer_to("1000"));
  const auto second = rig.send(modern_request("3", "tools/call", retry));
  CHECK(code_of(second) == "-32602");
  CHECK(says(second, "used before"));
  // Lets the call go on.
  (void)rig.server.sessions()()->send(message(mcp::make_result("\"a sign of the test's\"", "{}")),
                                      *std::make_unique<Collected>(), {});
  const auto newer = first->response();
  REQUIRE(asks_for_input(newer));
  CHECK(says(rig.send(modern_request("4", "tools/call", retry)), "used before"));
  CHECK(rig.send(modern_request("5", "tools/call", tool + "," + retry_of(newer, R"({"q2":{}})")))
            .error()
            .empty());
}

TEST_CASE(
    "A call that the host does not go on with is given up, and a late retry hears that nothing is known") {
  auto settings = ModernHostRig::quick();
  settings.suspended_limit = 60s;
  ModernHostRig rig(settings);
  std::atomic<bool> ended = false;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    call.begin_to_ask("roots/list");
    call.begin_to_ask("roots/list");
    call.wait_until_cancelled();
    ended = true;
    return Error{ErrorCode::cancelled, "Cancelled.", ""};
  });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  REQUIRE(rig.clock.wait_for_sleeper());
  rig.clock.pass(59s);
  CHECK(rig.server.count("notifications/cancelled") == 0);
  REQUIRE(rig.clock.wait_for_sleeper());
  rig.clock.pass(1s);
  REQUIRE(rig.server.wait_for_count("notifications/cancelled", 1));
  const auto cancelled = message(rig.server.sent("notifications/cancelled")[0]);
  CHECK(cancelled.param("requestId") == message(rig.server.sent("tools/call")[0]).id());
  for (const auto* id : {"1000", "1001"}) {
    const auto answer = rig.server.answer_to(id);
    REQUIRE(answer);
    CHECK(code_of(message(*answer)) == "-32603");
  }
  CHECK(eventually([&] { return ended.load(); }));
  const auto late = rig.send(modern_request("2", "tools/call", tool + "," + retry_of(asked, R"({"q1":{}})")));
  CHECK(code_of(late) == "-32602");
  CHECK(says(late, "expired"));
  CHECK(says(late, "not known"));
  CHECK(rig.server.count("tools/call") == 1);
}

TEST_CASE("Each round has the whole limit to itself") {
  auto settings = ModernHostRig::quick();
  settings.suspended_limit = 60s;
  ModernHostRig rig(settings);
  rig.server.on("tools/call", [](const Call& call) -> Answer {
    (void)call.ask("roots/list");
    return call.ask("roots/list");
  });
  const auto first = rig.send(modern_request("1", "tools/call", tool));
  REQUIRE(rig.clock.wait_for_sleeper());
  rig.clock.pass(50s);
  const auto second =
      rig.send(modern_request("2", "tools/call", tool + "," + retry_of(first, R"({"q1":{}})")));
  REQUIRE(asks_for_input(second));
  REQUIRE(rig.clock.wait_for_sleeper());
  rig.clock.pass(50s);
  CHECK(rig.send(modern_request("3", "tools/call", tool + "," + retry_of(second, R"({"q2":{}})")))
            .error()
            .empty());
  CHECK(rig.server.count("notifications/cancelled") == 0);
}

TEST_CASE("A result that comes while nobody waits for it is kept for the retry") {
  ModernHostRig rig;
  Flag suspended;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    call.begin_to_ask("roots/list");
    suspended.wait();
    return R"({"done":true})";
  });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  REQUIRE(asks_for_input(asked));
  suspended.raise();
  std::this_thread::sleep_for(10ms);
  const auto done =
      rig.send(modern_request("2", "tools/call", tool + "," + retry_of(asked, R"({"q1":{"r":1}})")));
  CHECK(member_text(done.result(), "done") == "true");
  // It was asked, and has been answered.
  CHECK(message(rig.server.answer_to("1000").value()).result() == R"({"r":1})");
}

TEST_CASE("A kept result goes when its time is over, and what was asked is answered with an error") {
  ModernHostRig rig;
  Flag suspended;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    call.begin_to_ask("roots/list");
    suspended.wait();
    return "{}";
  });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  REQUIRE(asks_for_input(asked));
  suspended.raise();
  std::this_thread::sleep_for(40ms);
  REQUIRE(rig.clock.wait_for_sleeper());
  rig.clock.pass(rig.settings.suspended_limit);
  CHECK(code_of(message(rig.server.answer_to("1000").value())) == "-32603");
  CHECK(rig.server.count("notifications/cancelled") == 0);
  CHECK(says(rig.send(modern_request("2", "tools/call", tool + "," + retry_of(asked, "{}"))), "expired"));
}

TEST_CASE("A call that breaks off while it is suspended is cancelled at the server when its time is over") {
  ModernHostRig rig;
  Flag suspended;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    call.begin_to_ask("roots/list");
    suspended.wait();
    return Error{ErrorCode::timed_out, "Too long.", ""};
  });
  REQUIRE(asks_for_input(rig.send(modern_request("1", "tools/call", tool))));
  suspended.raise();
  std::this_thread::sleep_for(10ms);
  REQUIRE(rig.clock.wait_for_sleeper());
  rig.clock.pass(rig.settings.suspended_limit);
  CHECK(rig.server.wait_for_count("notifications/cancelled", 1));
  CHECK(rig.server.answer_to("1000"));
}

TEST_CASE("A call that is answered before its question was asked is answered, and the question refused") {
  auto settings = ModernHostRig::quick();
  settings.gather_time = patience;
  ModernHostRig rig(settings);
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    call.begin_to_ask("roots/list");
    return R"({"done":true})";
  });
  const auto done = rig.send(modern_request("1", "tools/call", tool));
  CAPTURE(done.text());
  CHECK(member_text(done.result(), "done") == "true");
  CHECK(code_of(message(rig.server.answer_to("1000").value())) == "-32603");
}

TEST_CASE("What the host has not declared is never asked of it") {
  ModernHostRig rig;
  std::string roots, link;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    roots = call.ask("roots/list");
    link = call.ask("elicitation/create", R"({"mode":"url","url":"https://x","message":"m"})");
    return call.ask("ping");
  });
  const auto done = rig.send(modern_request("1", "tools/call", tool, R"({"elicitation":{}})"));
  CHECK(done.result() == R"({"resultType":"complete"})");
  CHECK(member_text(roots, "code") == "-32601");
  CHECK(member_text(link, "code") == "-32602");
}

TEST_CASE("A question that the server takes back is not answered, and the call goes on without it") {
  ModernHostRig rig;
  const bool on_its_own_stream = GENERATE(false, true);
  Flag suspended, done;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    const auto first = call.begin_to_ask("roots/list");
    const auto second = call.begin_to_ask("roots/list");
    suspended.wait();
    const auto taken_back = notification_text("notifications/cancelled", "{\"requestId\":" + first + "}");
    if (on_its_own_stream) {
      rig.server.tell_unasked(0, taken_back);
      (void)call.wait_for_answer(rig.server.ask_unasked(0, "ping"));  // it has been heard by then
    } else {
      call.say(taken_back);
    }
    done.raise();
    return *call.wait_for_answer(second);
  });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  REQUIRE(asks_for_input(asked));
  suspended.raise();
  REQUIRE(done.wait());
  CHECK(rig.send(modern_request("2", "tools/call", tool + "," + retry_of(asked, R"({"q1":{},"q2":{}})")))
            .error()
            .empty());
  CHECK(rig.server.answers_to("1000") == 0);
  CHECK(rig.server.answers_to("1001") == 1);
}

TEST_CASE("A question that is taken back before the host could be asked is not asked") {
  auto settings = ModernHostRig::quick();
  settings.gather_time = patience;
  ModernHostRig rig(settings);
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    const auto question = call.begin_to_ask("roots/list");
    call.say(notification_text("notifications/cancelled", "{\"requestId\":" + question + "}"));
    std::this_thread::sleep_for(5ms);
    return R"({"done":true})";
  });
  CHECK(member_text(rig.send(modern_request("1", "tools/call", tool)).result(), "done") == "true");
  CHECK(rig.server.answers_to("1000") == 0);
}

TEST_CASE("A retry goes on with its call whatever it declares, and what is asked then goes by that") {
  ModernHostRig rig;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    (void)call.ask("roots/list");
    return "{\"roots\":" + call.ask("roots/list") + "}";
  });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  const auto done =
      rig.send(modern_request("2", "tools/call", tool + "," + retry_of(asked, R"({"q1":{}})"), "{}"));
  CHECK(member_text(member_text(done.result(), "roots"), "code") == "-32601");
  CHECK(rig.server.session_count() == 1);
}

TEST_CASE("What a retry leaves out is not asked of it again if it does not declare that any more") {
  ModernHostRig rig;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    const auto first = call.begin_to_ask("sampling/createMessage");
    const auto second = call.begin_to_ask("roots/list");
    (void)call.wait_for_answer(first);
    return *call.wait_for_answer(second);
  });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  const auto again =
      rig.send(modern_request("2", "tools/call", tool + "," + retry_of(asked, "{}"), R"({"sampling":{}})"));
  CHECK(inputs_of(again) == R"({"q1":{"method":"sampling/createMessage","params":{}}})");
  const auto done =
      rig.send(modern_request("3", "tools/call", tool + "," + retry_of(again, R"({"q1":{},"q2":{}})")));
  CHECK(member_text(member_text(done.result(), "error"), "code") == "-32601");
  CHECK(rig.server.answers_to("1001") == 1);
}

TEST_CASE("A server that asks without end is answered with errors beyond what anybody could answer") {
  auto settings = ModernHostRig::quick();
  settings.gather_time = patience;
  ModernHostRig rig(settings);
  int refused = 0;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    std::vector<std::string> ids;
    for (int i = 0; i < 110; ++i) ids.push_back(call.begin_to_ask("roots/list"));
    for (const auto& id : ids) refused += static_cast<int>(rig.server.answers_to(id));
    return "{}";
  });
  CHECK(rig.send(modern_request("1", "tools/call", tool)).error().empty());
  CHECK(refused == 10);
}

TEST_CASE("After so many rounds what the server asks is refused, and the call ends as the server ends it") {
  auto settings = ModernHostRig::quick();
  settings.most_rounds = 2;
  ModernHostRig rig(settings);
  rig.server.on("tools/call", [](const Call& call) -> Answer {
    for (;;) {
      const auto answer = call.ask("roots/list");
      if (!member_text(answer, "code").empty()) return R"({"gave":"up"})";
    }
  });
  auto answer = rig.send(modern_request("1", "tools/call", tool));
  for (int round = 1; round <= 2; ++round) {
    REQUIRE(asks_for_input(answer));
    answer =
        rig.send(modern_request(std::to_string(round + 1), "tools/call",
                                tool + "," + retry_of(answer, "{\"q" + std::to_string(round) + "\":{}}")));
  }
  CHECK(member_text(answer.result(), "gave") == "\"up\"");
}

TEST_CASE("What is asked on the session's own stream belongs to the call if there is one only") {
  ModernHostRig rig;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    return *call.wait_for_answer(rig.server.ask_unasked(call.session().number, "roots/list"));
  });
  rig.server.on("tools/list", [&](const Call& call) -> Answer {
    (void)call.wait_for_answer("1000");
    return "{}";
  });
  const auto list = rig.begin(modern_request("1", "tools/list"));  // can't be asked about
  REQUIRE(rig.server.wait_for_count("tools/list", 1));
  const auto asked = rig.send(modern_request("2", "tools/call", tool));
  REQUIRE(asks_for_input(asked));
  const auto done =
      rig.send(modern_request("3", "tools/call", tool + "," + retry_of(asked, R"({"q1":{"r":1}})")));
  CHECK(member_text(done.result(), "result") == R"({"r":1})");
}

TEST_CASE("What is asked on the session's own stream is refused if no call is there, or more than one") {
  ModernHostRig rig;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    call.wait_until_cancelled();
    return Error{ErrorCode::cancelled, "Cancelled.", ""};
  });
  rig.send(modern_request("0", "tools/list"));
  const auto early = rig.server.ask_unasked(0, "roots/list");
  CHECK(code_of(message(rig.server.answer_to(early).value())) == "-32603");
  const auto first = rig.begin(modern_request("1", "tools/call", tool));
  const auto second = rig.begin(modern_request("2", "tools/call", tool));
  REQUIRE(rig.server.wait_for_count("tools/call", 2));
  const auto late = rig.server.ask_unasked(0, "roots/list");
  CHECK(code_of(message(rig.server.answer_to(late).value())) == "-32603");
  const auto unknown = rig.server.ask_unasked(0, "tasks/list");
  CHECK(code_of(message(rig.server.answer_to(unknown).value())) == "-32601");
  first->cancellation.cancel();
  second->cancellation.cancel();
}

TEST_CASE("Links that the server wants followed first are asked for, and the retry is a new call") {
  ModernHostRig rig;
  int calls = 0;
  rig.server.on("tools/call", [&](const Call&) -> Answer {
    if (++calls > 1) return R"({"done":true})";
    return Answer::error(
        R"({"code":-32042,"message":"Sign in first.","data":{"elicitations":[)"
        R"({"mode":"url","elicitationId":"a","url":"https://a","message":"A"},{"mode":"url","url":"https://b","message":"B"}]}})");
  });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  CHECK(inputs_of(asked) ==
        R"({"q1":{"method":"elicitation/create","params":{"mode":"url","url":"https://a","message":"A"}},)"
        R"("q2":{"method":"elicitation/create","params":{"mode":"url","url":"https://b","message":"B"}}})");
  const std::string retry = tool + "," + retry_of(asked, R"({"q1":{"action":"accept"}})");
  CHECK(member_text(rig.send(modern_request("2", "tools/call", retry)).result(), "done") == "true");
  CHECK(says(rig.send(modern_request("3", "tools/call", retry)), "used before"));
  CHECK(calls == 2);
  CHECK(message(rig.server.sent("tools/call")[1]).params() == "{" + tool + "}");
}

TEST_CASE("Links that can't be asked for become an error that modern revisions have") {
  const auto links = GENERATE(
      R"({"code":-32042,"message":"m","data":{"elicitations":[{"mode":"url","url":"https://a","message":"A"}]}})",
      R"({"code":-32042,"message":"m","data":{"elicitations":[]}})");
  const bool named = std::string_view(links).find("https") != std::string_view::npos;
  auto settings = ModernHostRig::quick();
  settings.most_rounds = 1;
  ModernHostRig rig(settings);
  for (const auto* method : {"tools/call", "tools/list"})
    rig.server.on(method, [&](const Call&) { return Answer::error(links); });
  const auto undeclared = rig.send(modern_request("1", "tools/call", tool, R"({"elicitation":{"form":{}}})"));
  CHECK(code_of(undeclared) == (named ? "-32021" : "-32603"));
  if (named)
    CHECK(member_text(undeclared.error(), "data") ==
          R"({"requiredCapabilities":{"elicitation":{"url":{}}}})");
  CHECK(code_of(rig.send(modern_request("2", "tools/list"))) == "-32603");
  if (!named) return;
  const auto asked = rig.send(modern_request("3", "tools/call", tool));
  REQUIRE(asks_for_input(asked));
  CHECK(code_of(rig.send(modern_request("4", "tools/call", tool + "," + retry_of(asked, "{}")))) == "-32603");
}

TEST_CASE("A call that ends with an error while it is suspended gives that to the retry") {
  ModernHostRig rig;
  const bool on_the_way = GENERATE(false, true);
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    (void)call.ask("roots/list");
    if (on_the_way) return Error{ErrorCode::lost, "Lost.", ""};
    return Answer::error(R"({"code":-32002,"message":"no"})");
  });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  const auto sending =
      rig.begin(modern_request("2", "tools/call", tool + "," + retry_of(asked, R"({"q1":{}})")));
  if (on_the_way) {
    CHECK(sending->wait().error().code == ErrorCode::lost);
  } else {
    CHECK(sending->response().error() == R"({"code":-32602,"message":"no"})");
  }
}

TEST_CASE("An answer that does not reach the server ends the call, unless the server has ended it") {
  ModernHostRig rig;
  const bool ends = GENERATE(false, true);
  Flag suspended;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    call.begin_to_ask("roots/list");
    suspended.wait();
    if (ends) return R"({"done":true})";
    call.wait_until_cancelled();
    return Error{ErrorCode::cancelled, "Cancelled.", ""};
  });
  rig.server.on("", [](const Call&) -> Answer { return Error{ErrorCode::unreachable, "No way.", ""}; });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  REQUIRE(asks_for_input(asked));
  suspended.raise();
  std::this_thread::sleep_for(40ms);
  const auto retry =
      rig.begin(modern_request("2", "tools/call", tool + "," + retry_of(asked, R"({"q1":{}})")));
  if (ends) {
    CHECK(member_text(retry->response().result(), "done") == "true");
  } else {
    CHECK(retry->wait().error().code == ErrorCode::unreachable);
    CHECK(rig.server.count("notifications/cancelled") == 1);
  }
}

TEST_CASE("Beyond so many calls a further one waits, and is not sent if none ends") {
  auto settings = ModernHostRig::quick();
  settings.most_calls = 1;
  const bool ends = GENERATE(true, false);
  settings.wait_limit = ends ? std::chrono::milliseconds(patience) : 20ms;
  ModernHostRig rig(settings);
  rig.server.on("tools/call", [](const Call& call) -> Answer { return call.ask("roots/list"); });
  const auto asked = rig.send(modern_request("1", "tools/call", tool));
  const auto waiting = rig.begin(modern_request("2", "tools/call", tool));
  if (ends) {
    CHECK(rig.send(modern_request("3", "tools/call", tool + "," + retry_of(asked, R"({"q1":{}})")))
              .error()
              .empty());
    CHECK(asks_for_input(waiting->response()));
  } else {
    CHECK(waiting->wait().error().code == ErrorCode::rejected);
    CHECK(rig.server.count("tools/call") == 1);
  }
  // What nobody can be asked about needs no place.
  CHECK(rig.send(modern_request("4", "tools/list")).error().empty());
}

TEST_CASE("Calls that are suspended at the end are given up without a word") {
  ModernHostRig rig;
  std::atomic<int> ended = 0;
  rig.server.on("tools/call", [&](const Call& call) -> Answer {
    call.begin_to_ask("roots/list");
    call.wait_until_cancelled();
    ++ended;
    return Error{ErrorCode::cancelled, "Cancelled.", ""};
  });
  for (int i = 0; i < 3; ++i)
    REQUIRE(asks_for_input(rig.send(modern_request(std::to_string(i), "tools/call", tool))));
  rig.translator().close(std::chrono::milliseconds(patience));
  CHECK(eventually([&] { return ended == 3; }));
  rig.end();
  CHECK(rig.server.count("close") == 1);
  CHECK(rig.server.count("notifications/cancelled") == 0);
  CHECK(rig.server.answers_to("1000") == 0);
}
