#include "../../../src/bridge/modern_host/question.h"

#include <catch2/catch_test_macros.hpp>

#include "support/messages.h"

using namespace clickflow;
using namespace clickflow::bridge::modern_host;
using namespace clickflow::testing;

namespace {

std::optional<int> refused(const std::string& capabilities, const std::string& method,
                           const std::string& params = "{}") {
  const auto refusal = refuse(capabilities, question_of(request("1", method, params)));
  return refusal ? std::optional<int>(refusal->code) : std::nullopt;
}

}  // namespace

TEST_CASE("A host is asked what it has declared only") {
  CHECK(refused("{}", "roots/list") == mcp::method_not_found);
  CHECK_FALSE(refused(R"({"roots":{}})", "roots/list"));
  CHECK(refused(R"({"roots":{}})", "sampling/createMessage") == mcp::method_not_found);
  CHECK_FALSE(refused(R"({"sampling":{}})", "sampling/createMessage"));
  CHECK(refused(R"({"sampling":{}})", "sampling/createMessage", R"({"tools":[]})") == mcp::method_not_found);
  CHECK(refused(R"({"sampling":{}})", "sampling/createMessage", R"({"toolChoice":{}})") ==
        mcp::method_not_found);
  CHECK_FALSE(refused(R"({"sampling":{"tools":{}}})", "sampling/createMessage", R"({"tools":[]})"));
  CHECK(refused(R"({"sampling":{},"roots":{}})", "elicitation/create") == mcp::method_not_found);
}

TEST_CASE("An elicitation that names no mode is of forms, on both sides") {
  const std::string by_url = R"({"mode":"url"})", by_form = R"({"mode":"form"})";
  const std::string method = "elicitation/create";
  CHECK_FALSE(refused(R"({"elicitation":{}})", method));
  CHECK_FALSE(refused(R"({"elicitation":{}})", method, by_form));
  CHECK(refused(R"({"elicitation":{}})", method, by_url) == mcp::invalid_params);
  CHECK(refused(R"({"elicitation":{"url":{}}})", method) == mcp::invalid_params);
  CHECK_FALSE(refused(R"({"elicitation":{"url":{}}})", method, by_url));
  CHECK_FALSE(refused(R"({"elicitation":{"form":{},"url":{}}})", method, by_form));
}

TEST_CASE(
    "A question becomes an entry of inputRequests as it is, but for what modern revisions have no more") {
  CHECK(input_request(question_of(request("5", "sampling/createMessage",
                                          R"({"messages":[ ],"task":{"ttl":1},"maxTokens":1e2})"))) ==
        R"({"method":"sampling/createMessage","params":{"messages":[ ],"maxTokens":1e2}})");
  CHECK(input_request(
            question_of(request("5", "elicitation/create",
                                R"({"mode":"url","elicitationId":"e","url":"https://x","message":"m"})"))) ==
        R"({"method":"elicitation/create","params":{"mode":"url","url":"https://x","message":"m"}})");
  CHECK(
      input_request(question_of(request("5", "elicitation/create", R"({ "elicitationId":"of a form" })"))) ==
      R"({"method":"elicitation/create","params":{ "elicitationId":"of a form" }})");
  CHECK(input_request(question_of(message(R"({"jsonrpc":"2.0","id":1,"method":"roots/list"})"))) ==
        R"({"method":"roots/list"})");
}

TEST_CASE("An error that wants links followed names them") {
  const auto links = required_links(
      R"({"code":-32042,"message":"m","data":{"elicitations":[{"mode":"url","elicitationId":"e","url":"https://a","message":"1"},)"
      R"({"elicitationId":"f","url":"https://b","message":"2"},{"no":"url"},7]}})");
  REQUIRE(links);
  REQUIRE(links->size() == 2);
  CHECK((*links)[0].method == "elicitation/create");
  CHECK((*links)[0].params == R"({"mode":"url","url":"https://a","message":"1"})");
  CHECK((*links)[1].params == R"({"url":"https://b","message":"2","mode":"url"})");
  CHECK(required_links(R"({"code":-32042,"message":"m"})")->empty());
  CHECK(required_links(R"({"code":-32042,"message":"m","data":[]})")->empty());
  CHECK_FALSE(required_links(R"({"code":-32602,"message":"m","data":{"elicitations":[]}})"));
}
