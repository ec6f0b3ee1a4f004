#include "../../../src/bridge/modern_host/translation.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/messages.h"

using namespace clickflow;
using namespace clickflow::bridge::modern_host;
using namespace clickflow::testing;

TEST_CASE("A request loses what the handshake says, and nothing else") {
  const auto modern = request(
      "7", "tools/call",
      R"({ "name":"x", "arguments":{"n": 1.0}, "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
      R"("progressToken": 5, "io.modelcontextprotocol/clientInfo":{}, "traceparent":"00-1",)"
      R"("io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/logLevel":"info",)"
      R"("io.modelcontextprotocol/related-task":{"taskId":"t"}}, "z":2 })");
  CHECK(
      legacy_request(modern, "\"ours\"").text() ==
      R"({"jsonrpc":"2.0","id":"ours","method":"tools/call","params":{ "name":"x", "arguments":{"n": 1.0}, "_meta":)"
      R"({"progressToken":5,"traceparent":"00-1","io.modelcontextprotocol/related-task":{"taskId":"t"}}, "z":2 }})");
}

TEST_CASE("A _meta that says nothing more goes, and params that are not there don't come") {
  CHECK(legacy_params(request("1", "tools/list",
                              R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})")) ==
        "{}");
  CHECK(legacy_request(message(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"), "2").text() ==
        R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})");
  CHECK(legacy_params(request("1", "x", R"({"_meta":{ }})")) == R"({"_meta":{ }})");
}

TEST_CASE("The marks of a retry go where there are retries only") {
  const std::string params = R"({"a":1,"inputResponses":{},"requestState":"s"})";
  CHECK(legacy_params(request("1", "tools/call", params)) == R"({"a":1})");
  CHECK(legacy_params(request("1", "tools/list", params)) == params);
}

TEST_CASE("A result says that it is complete, and is else as it came") {
  const auto asked = request("\"h\"", "tools/call");
  CHECK(modern_response(message(R"({"jsonrpc":"2.0","id":1,"result":{ "content":[ ],"x":1e0 }})"), asked)
            .text() ==
        R"({"jsonrpc":"2.0","id":"h","result":{ "content":[ ],"x":1e0 ,"resultType":"complete"}})");
  CHECK(modern_response(message(R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete" }})"), asked)
            .text() == R"({"jsonrpc":"2.0","id":"h","result":{"resultType":"complete" }})");
  CHECK(
      modern_response(message(R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required"}})"), asked)
          .text() == R"({"jsonrpc":"2.0","id":"h","result":{"resultType":"complete"}})");
}

TEST_CASE("A result that may be cached says that it may not, unless it says something else") {
  const auto method =
      GENERATE("tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read");
  const auto asked = request("1", method);
  CHECK(modern_response(message(mcp::make_result("2", "{}")), asked).result() ==
        R"({"resultType":"complete","ttlMs":0,"cacheScope":"private"})");
  CHECK(modern_response(message(mcp::make_result("2", R"({"ttlMs":5,"cacheScope":"public"})")), asked)
            .result() == R"({"ttlMs":5,"cacheScope":"public","resultType":"complete"})");
}

TEST_CASE("An error passes as it came, but for the one that has another number now") {
  const auto asked = request("1", "resources/read");
  CHECK(modern_response(message(mcp::make_error_of("2", R"({"code": -32601,"message":"no","data":[1 ]})")),
                        asked)
            .error() == R"({"code": -32601,"message":"no","data":[1 ]})");
  CHECK(
      modern_response(message(mcp::make_error_of("2", R"({"message":"no","code":-32002,"data":{}})")), asked)
          .text() == R"({"jsonrpc":"2.0","id":1,"error":{"message":"no","code":-32602,"data":{}}})");
}

TEST_CASE("A handshake declares what a host declares, without what has no counterpart") {
  CHECK(legacy_capabilities("") == "{}");
  CHECK(legacy_capabilities("[]") == "{}");
  CHECK(legacy_capabilities(R"({"elicitation":{ }, "x":1})") == R"({"elicitation":{ }, "x":1})");
  CHECK(
      legacy_capabilities(
          R"({"tasks":{},"roots":{"listChanged":true},"extensions":{"io.modelcontextprotocol/tasks":{},"a/b":{}}})") ==
      R"({"roots":{},"extensions":{"a/b":{}}})");
}

TEST_CASE("Levels rank as in RFC 5424, and what is no level has no rank") {
  CHECK(log_rank("\"debug\"") == 0);
  CHECK(log_rank("\"warnin\\u0067\"") == 3);
  CHECK(log_rank("\"emergency\"") == 7);
  CHECK(!log_rank("\"loud\""));
  CHECK(!log_rank("3"));
  CHECK(!log_rank(""));
  CHECK(log_level_params(1) == R"({"level":"info"})");
}

TEST_CASE("A retry has the digest of its request, and no other request has") {
  const auto first = request("1", "tools/call", R"({"name":"x","arguments":{"a":1,"b":"c"}})");
  auto same = [&](const std::string& params, const std::string& method = "tools/call") {
    return request_digest(request("2", method, params)) == request_digest(first);
  };
  CHECK(same(R"({"name":"x","arguments":{"a":1,"b":"c"}})"));
  CHECK(same(R"({"inputResponses":{"q":{}},"requestState":"s","arguments":{"b":"c", "a":1.0},"name":"x",)"
             R"("_meta":{"progressToken":9}})"));
  CHECK_FALSE(same(R"({"name":"x","arguments":{"a":2,"b":"c"}})"));
  CHECK_FALSE(same(R"({"name":"y","arguments":{"a":1,"b":"c"}})"));
  CHECK_FALSE(same(R"({"name":"x","arguments":{"a":1,"b":"c"},"more":1})"));
  CHECK_FALSE(same(R"({"name":"x","arguments":{"a":1,"b":"c"}})", "prompts/get"));
}
