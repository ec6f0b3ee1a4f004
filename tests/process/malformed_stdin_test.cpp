#include <catch2/catch_test_macros.hpp>

#include "process/support/scripts.h"

using namespace clickflow::testing;

namespace {

struct Row {
  std::string name;
  std::string line;
  std::string code;     ///< of the error that comes of it
  std::string id = {};  ///< of the request in it, where one can be had; else the error has no id
};

const std::string nul(1, '\0');

const std::vector<Row> not_json{
    {"a word", "garbage", "-32700"},
    {"an opening brace", "{", "-32700"},
    {"a closing brace", "}", "-32700"},
    {"half a message", R"({"jsonrpc":"2.0","id":1,"met)", "-32700"},
    {"a message without its last brace", R"({"jsonrpc":"2.0","id":1,"method":"ping")", "-32700"},
    {"a message with a brace too many", R"({"jsonrpc":"2.0","id":1,"method":"ping"}})", "-32700"},
    {"two messages in one line",
     R"({"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"ping"})", "-32700"},
    {"two messages with a CR between them",
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}",
     "-32700"},
    {"a comma too many", R"({"jsonrpc":"2.0","id":1,"method":"ping",})", "-32700"},
    {"single quotes", "{'jsonrpc':'2.0','id':1,'method':'ping'}", "-32700"},
    {"names without quotes", R"({jsonrpc:"2.0",id:1,method:"ping"})", "-32700"},
    {"a comment", R"({"jsonrpc":"2.0",/* one */"id":1,"method":"ping"})", "-32700"},
    {"no colon", R"({"jsonrpc" "2.0","id":1,"method":"ping"})", "-32700"},
    {"NaN", R"({"jsonrpc":"2.0","id":NaN,"method":"ping"})", "-32700"},
    {"Infinity", R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"a":Infinity}})", "-32700"},
    {"a number with a leading zero", R"({"jsonrpc":"2.0","id":01,"method":"ping"})", "-32700"},
    {"a number with a plus", R"({"jsonrpc":"2.0","id":+1,"method":"ping"})", "-32700"},
    {"a number without digits", R"({"jsonrpc":"2.0","id":-,"method":"ping"})", "-32700"},
    {"a fraction without digits", R"({"jsonrpc":"2.0","id":1.,"method":"ping"})", "-32700"},
    {"a hexadecimal number", R"({"jsonrpc":"2.0","id":0x1,"method":"ping"})", "-32700"},
    {"half a word", R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"a":tru}})", "-32700"},
    {"an unknown escape", R"({"jsonrpc":"2.0","id":1,"method":"\x70ing"})", "-32700"},
    {"half an escape", R"({"jsonrpc":"2.0","id":1,"method":"\u12"})", "-32700"},
    {"a string without its end", R"({"jsonrpc":"2.0","id":1,"method":"ping})", "-32700"},
    {"a tab in a string", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi\tng\"}", "-32700"},
    {"a NUL in a string", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi" + nul + "ng\"}", "-32700"},
    {"a NUL behind the message", R"({"jsonrpc":"2.0","id":1,"method":"ping"})" + nul, "-32700"},
    {"nothing but NULs", nul + nul + nul, "-32700"},
    {"a byte that is never in UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xFF\"}", "-32700"},
    {"an overlong UTF-8 form", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xC0\xAF\"}", "-32700"},
    {"half a UTF-8 character", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xE4\xB8\"}", "-32700"},
    {"a surrogate in UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xED\xA0\x80\"}", "-32700"},
    {"a character beyond Unicode", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xF4\x90\x80\x80\"}",
     "-32700"},
    {"UTF-16", "\xFF\xFE{" + nul + "}" + nul, "-32700"},
    {"two byte-order marks", "\xEF\xBB\xBF\xEF\xBB\xBF{}", "-32700"},
    {"a byte-order mark in the middle", "{\"jsonrpc\":\"2.0\",\xEF\xBB\xBF\"id\":1}", "-32700"},
    {"a space that is none in JSON", "\xC2\xA0{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", "-32700"},
    {"a form feed", "\f{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", "-32700"},
    {"a hundred thousand brackets", repeated("[", 100'000), "-32700"},
    {"a hundred thousand objects", repeated(R"({"a":)", 100'000), "-32700"},
    {"an HTTP request", "GET / HTTP/1.1", "-32700"},
    {"another framing's header", "Content-Length: 52", "-32700"},
    {"a batch without its end", R"([{"jsonrpc":"2.0","id":1,"method":"ping"})", "-32700"},
};

const std::vector<Row> no_message{
    {"null", "null", "-32600"},
    {"true", "true", "-32600"},
    {"a number", "17", "-32600"},
    {"a string", R"("ping")", "-32600"},
    {"an empty object", "{}", "-32600"},
    {"an empty batch", "[]", "-32600"},
    {"a batch of a number", "[17]", "-32600"},
    {"a batch in a batch", R"([[{"jsonrpc":"2.0","id":1,"method":"ping"}]])", "-32600"},
    {"a batch of a request", R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", "-32600", "1"},
    {"no version", R"({"id":1,"method":"ping"})", "-32600", "1"},
    {"another version", R"({"jsonrpc":"1.0","id":1,"method":"ping"})", "-32600", "1"},
    {"a version that is a number", R"({"jsonrpc":2.0,"id":"a","method":"ping"})", "-32600", "\"a\""},
    {"no method", R"({"jsonrpc":"2.0","id":1})", "-32600", "1"},
    {"neither method nor id", R"({"jsonrpc":"2.0"})", "-32600"},
    {"a method that is a number", R"({"jsonrpc":"2.0","id":1,"method":5})", "-32600", "1"},
    {"a method that is null", R"({"jsonrpc":"2.0","id":1,"method":null})", "-32600", "1"},
    {"a method in the wrong case", R"({"jsonrpc":"2.0","id":1,"Method":"ping"})", "-32600", "1"},
    {"params that are an array", R"({"jsonrpc":"2.0","id":1,"method":"x","params":[1]})", "-32602", "1"},
    {"params that are a string", R"({"jsonrpc":"2.0","id":1,"method":"x","params":"a"})", "-32602", "1"},
    {"params that are null", R"({"jsonrpc":"2.0","id":1,"method":"x","params":null})", "-32602", "1"},
    {"a notification with params that are an array", R"({"jsonrpc":"2.0","method":"x","params":[1]})",
     "-32602"},
    {"an id that is null", R"({"jsonrpc":"2.0","id":null,"method":"ping"})", "-32600"},
    {"an id that is an object", R"({"jsonrpc":"2.0","id":{},"method":"ping"})", "-32600"},
    {"an id that is an array", R"({"jsonrpc":"2.0","id":[1],"method":"ping"})", "-32600"},
    {"an id that is true", R"({"jsonrpc":"2.0","id":true,"method":"ping"})", "-32600"},
    {"two ids", R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})", "-32600"},
    {"two ids, one in disguise", R"({"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"ping"})", "-32600"},
    {"two methods", R"({"jsonrpc":"2.0","id":1,"method":"ping","method":"x"})", "-32600", "1"},
    {"two versions", R"({"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"})", "-32600", "1"},
    {"two params", R"({"jsonrpc":"2.0","id":1,"method":"x","params":{},"params":{}})", "-32600", "1"},
    {"a method and a result", R"({"jsonrpc":"2.0","id":1,"method":"ping","result":{}})", "-32600", "1"},
    {"a method and an error", R"({"jsonrpc":"2.0","id":1,"method":"ping","error":{}})", "-32600", "1"},
    // Broken responses: nobody answers those under their id.
    {"a result and an error", R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})", "-32600"},
    {"a result without an id", R"({"jsonrpc":"2.0","result":{}})", "-32600"},
    {"a result whose id is null", R"({"jsonrpc":"2.0","id":null,"result":{}})", "-32600"},
    {"a result whose id is an object", R"({"jsonrpc":"2.0","id":{},"result":{}})", "-32600"},
    {"an error that is a string", R"({"jsonrpc":"2.0","id":1,"error":"no"})", "-32600"},
    {"two results", R"({"jsonrpc":"2.0","id":1,"result":{},"result":{}})", "-32600"},
    {"a tool call without params", R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})", "-32602", "1"},
    {"a tool call without a name", R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}})", "-32602",
     "1"},
    {"a tool whose name is a number", R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":5}})",
     "-32602", "1"},
    {"a tool with two names",
     R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}})", "-32602", "1"},
    {"a tool with two names, one in disguise",
     R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","n\u0061me":"b"}})", "-32602",
     "1"},
    {"a tool with two arguments",
     R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{},"arguments":{}}})",
     "-32602", "1"},
};

// One process for all rows: it lives through each, and nothing of a row turns up later.
void check_rows(const std::vector<Row>& rows) {
  RawServer server;
  Host host(server);
  for (const Row& row : rows) {
    CAPTURE(row.name, row.line.substr(0, 200));
    const size_t logged = host.program.log().size();
    host.send(row.line);
    const std::string answer = host.next();
    CAPTURE(answer);
    CHECK(value_at(answer, "/error/code") == row.code);
    CHECK_FALSE(text_at(answer, "/error/message").empty());
    CHECK(value_at(answer, "/id") == row.id);
    if (row.id.empty()) CHECK(answer.find("\"id\"") == std::string::npos);  // MCP's schema: never null
    host.check_quiet();
    host.program.await_log(" warning ", logged);
  }
  CHECK(server.connections() == 0);
  CHECK(host.finish() == Lines{});
}

}  // namespace

TEST_CASE("What is no JSON on stdin is told without an id, logged, and survived") {
  check_rows(not_json);
}

TEST_CASE("What is JSON on stdin and no message is answered once, under its id where it has one") {
  check_rows(no_message);
}

TEST_CASE("A broken line between two calls in flight leaves both alone") {
  Event release;
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    release.wait();
    exchange.result(R"({"content":[]})");
  });
  Host host(server);
  host.initialize();
  host.call("1");
  host.send("{\"jsonrpc\":\"2.0\",\"id\":2,\"meth");
  host.call("3");
  CHECK(value_at(host.next(), "/error/code") == "-32700");
  server.await("tools/call", 2);
  release.set();
  CHECK(host.answer("1") == make_response("1", R"({"content":[]})"));
  CHECK(host.answer("3") == make_response("3", R"({"content":[]})"));
  CHECK(host.finish() == Lines{});
}
