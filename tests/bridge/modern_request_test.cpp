#include "clickflow/bridge/modern_request.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/json.h"
#include "support/messages.h"

using namespace clickflow;
using clickflow::testing::request;

namespace {

constexpr auto whole =
    R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}})";

Json refusal_of(const std::string& method, const std::string& params) {
  const auto refusal = bridge::refuse_modern(request("7", method, params));
  return refusal ? parse_json(*refusal) : Json();
}

}  // namespace

TEST_CASE("A modern request that says all it must is carried") {
  CHECK(refusal_of("tools/list", whole).is_null());
  CHECK(refusal_of("server/discover", whole).is_null());
}

TEST_CASE("One that says too little is malformed") {
  const auto params = GENERATE(
      as<std::string>{}, "{}", R"({"_meta":{}})",
      R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})",
      R"({"_meta":{"io.modelcontextprotocol/protocolVersion":20260728,"io.modelcontextprotocol/clientCapabilities":{}}})",
      R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":[]}})");
  const auto refusal = refusal_of("server/discover", params);
  CHECK(refusal["error"]["code"] == -32602);
  CHECK(refusal["id"] == 7);
}

TEST_CASE("One of another revision is told which there are") {
  const auto refusal = refusal_of(
      "tools/list",
      R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"1900-01-01","io.modelcontextprotocol/clientCapabilities":{}}})");
  CHECK(refusal["error"]["code"] == -32022);
  CHECK(refusal["error"]["data"]["requested"] == "1900-01-01");
  CHECK(refusal["error"]["data"]["supported"] ==
        Json({"2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"}));
}

TEST_CASE("There is no ping any more") {
  CHECK(refusal_of("ping", whole)["error"]["code"] == -32601);
}

TEST_CASE("A result gets the type that it does not say, and nothing else is touched") {
  const auto completed = [](std::string answer) {
    const auto missing = bridge::missing_result_type(answer);
    REQUIRE(missing);
    return answer.insert(missing->at, missing->text);
  };
  CHECK(completed(R"({"jsonrpc":"2.0","id":1,"result":{}})") ==
        R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete"}})");
  CHECK(completed(R"({"jsonrpc":"2.0","result": { "a":{} } , "id":1})") ==
        R"({"jsonrpc":"2.0","result": { "a":{} ,"resultType":"complete"} , "id":1})");
  CHECK_FALSE(bridge::missing_result_type(R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"task"}})"));
  CHECK_FALSE(bridge::missing_result_type(R"({"jsonrpc":"2.0","id":1,"error":{}})"));
}
