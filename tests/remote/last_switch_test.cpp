#include "clickflow/remote/last_switch.h"

#include <catch2/catch_test_macros.hpp>

#include "support/messages.h"

using namespace clickflow;
using namespace clickflow::testing;
using remote::LastSwitch;

namespace {

mcp::Message call(const std::string& params) {
  return request("1", "tools/call", params);
}

}  // namespace

TEST_CASE("A switch is a call of just that tool, however its name is written") {
  const LastSwitch last("a.switch", "The switch");
  CHECK(last.is_one(call(R"({"name":"a.switch"})")));
  CHECK(last.is_one(call(R"({"name":"a.\u0073witch","arguments":{}})")));
  CHECK_FALSE(last.is_one(call(R"({"name":"a_switch"})")));
  CHECK_FALSE(last.is_one(call(R"({"name":5})")));
  CHECK_FALSE(last.is_one(call("{}")));
  CHECK_FALSE(last.is_one(request("1", "prompts/get", R"({"name":"a.switch"})")));
}

TEST_CASE("A switch has succeeded where its result is whole and no error") {
  const auto succeeded = [](const std::string& result) {
    return LastSwitch::has_succeeded(message(mcp::make_result("1", result)));
  };
  CHECK(succeeded("{}"));
  CHECK(succeeded(R"({"content":[],"isError":false,"resultType":"complete"})"));
  CHECK_FALSE(succeeded(R"({"content":[],"isError":true})"));
  CHECK_FALSE(succeeded(R"({"resultType":"input_required","inputRequests":{}})"));
  CHECK_FALSE(succeeded(R"({"task":{"taskId":"t","status":"working"}})"));
  CHECK_FALSE(LastSwitch::has_succeeded(message(mcp::make_error("1", mcp::invalid_params, "No."))));
}

TEST_CASE("The last switch is made again with its arguments, and with nothing else that its call said") {
  LastSwitch last("switch", "The switch");
  CHECK(last.made().number == 0);
  last.note(call(R"({"name":"switch","arguments":{"to":"a"}})"));
  const auto first = last.made();
  last.note(call(R"({"name":"switch","arguments":{"to":"b"},"_meta":{"progressToken":1}})"));
  CHECK(last.made().number != first.number);
  const auto again = last.again(last.made(), "9");
  CHECK(again.text() == mcp::make_request("9", "tools/call", R"({"name":"switch","arguments":{"to":"b"}})"));
  CHECK(last.not_made(last.made()).message() ==
        R"(The switch ({"to":"b"}) could not be made again in a new session with the server; this call was )"
        "not sent. Switch again, then repeat it.");
}

TEST_CASE("A renewed switch is a new one to every session, and a forgotten one is none") {
  LastSwitch last("switch", "The switch");
  last.renew();
  CHECK(last.made().number == 0);
  const unsigned first = last.note(call(R"({"name":"switch"})"));
  last.renew();
  const unsigned second = last.made().number;
  CHECK(second != first);
  last.forget();
  CHECK(last.made().number == 0);
  CHECK(last.note(call(R"({"name":"switch"})")) != second);
}
