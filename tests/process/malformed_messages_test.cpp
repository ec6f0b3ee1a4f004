#include <catch2/catch_test_macros.hpp>

#include "process/support/scripts.h"

using namespace clickflow::testing;

namespace {

const std::string nul(1, '\0');
const std::string no_message = "no MCP message";
const std::string not_answered = "ended its answer without a response";
const std::string event = "data: " + good + "\n\n";
const std::string other = R"({"jsonrpc":"2.0","id":99,"result":{}})";

}  // namespace

TEST_CASE("A JSON body that is no answer to the request gives one answer") {
  check_scripts({
      {"no JSON", http("nonsense"), Then::keep, "not valid JSON"},
      {"half an answer", http(good.substr(0, 30)), Then::keep, "not valid JSON"},
      {"two answers without a comma", http(good + good), Then::keep, "not valid JSON"},
      {"text behind the answer", http(good + " thanks"), Then::keep, "not valid JSON"},
      {"NULs behind the answer", http(good + nul + nul), Then::keep, "not valid JSON"},
      {"a byte-order mark", http("\xEF\xBB\xBF" + good), Then::keep, "not valid JSON"},
      {"bytes that are no UTF-8", http("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":\"\xFF\"}}"),
       Then::keep, "not valid JSON"},
      {"a line end in a string", http("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":\"\n\"}}"), Then::keep,
       "not valid JSON"},
      {"a result nested too deeply",
       http(R"({"jsonrpc":"2.0","id":7,"result":)" + repeated("[", 600) + repeated("]", 600) + "}"),
       Then::keep, "nested deeper than 512 levels"},
      {"a result nested without end",
       http(R"({"jsonrpc":"2.0","id":7,"result":)" + repeated("[", 100'000) + repeated("]", 100'000) + "}"),
       Then::keep, "nested too deeply"},
      {"a number", http("7"), Then::keep, no_message},
      {"an empty object", http("{}"), Then::keep, no_message},
      {"another version", http(R"({"jsonrpc":"1.0","id":7,"result":{}})"), Then::keep, no_message},
      {"a result and an error", http(R"({"jsonrpc":"2.0","id":7,"result":{},"error":{}})"), Then::keep,
       no_message},
      {"two results", http(R"({"jsonrpc":"2.0","id":7,"result":{},"result":{}})"), Then::keep, no_message},
      {"a result without an id", http(R"({"jsonrpc":"2.0","result":{}})"), Then::keep, no_message},
      {"an error that is a string", http(R"({"jsonrpc":"2.0","id":7,"error":"no"})"), Then::keep, no_message},
      {"another's answer", http(other), Then::keep, "answered another request than ours"},
      {"the same digits as a string", http(R"({"jsonrpc":"2.0","id":"7","result":{}})"), Then::keep,
       "answered another request than ours"},
      {"an empty array", http("[]"), Then::keep, "answered another request than ours"},
      {"half an array", http("[" + good), Then::keep, "not valid JSON"},
      {"an array with another's answer", http("[" + other + "]"), Then::keep,
       "answered another request than ours"},
      {"an array with nonsense and the answer", http("[17," + good + "]"), Then::keep, {}},
      {"an array with the answer twice", http("[" + good + "," + good + "]"), Then::keep, {}},
      {"an array with another's answer first", http("[" + other + "," + good + "]"), Then::keep, {}},
      {"an array of arrays", http("[[" + good + "]]"), Then::keep, {}, false},
  });
}

TEST_CASE("A stream that is broken, or brings no answer, gives one answer") {
  check_scripts({
      {"nothing", sse(""), Then::close, not_answered},
      {"comments only", sse(": hello\n\n: again\n\n"), Then::close, not_answered},
      {"an event without its blank line", sse("data: " + good + "\n"), Then::close, not_answered},
      {"half an event", sse("data: " + good.substr(0, 20)), Then::close, not_answered},
      {"an event without data", sse("event: message\n\n"), Then::close, not_answered},
      {"an event of another kind", sse("event: other\n" + event), Then::close, not_answered},
      {"the answer under a field that nobody knows", sse("date: " + good + "\n\n"), Then::close,
       not_answered},
      {"the answer without a field", sse(good + "\n\n"), Then::close, not_answered},
      {"data that is no JSON", sse("data: nonsense\n\n"), Then::close, "not valid JSON"},
      {"data that is no JSON, then the answer", sse("data: nonsense\n\n" + event), Then::close, {}},
      {"another's answer", sse("data: " + other + "\n\n"), Then::close, not_answered},
      {"another's answer first", sse("data: " + other + "\n\n" + event), Then::close, {}},
      {"a NUL in the data", sse("data: " + nul + good + "\n\n"), Then::close, "not valid JSON"},
      {"HTML under the stream's type", sse("<!DOCTYPE html>\n\n<p>no\n\n"), Then::close, not_answered},
      {"a body that is shorter than its length", sse(event.substr(0, 20), "Content-Length: 99\r\n"),
       Then::close, "broke before its answer was complete"},
      {"broken in the middle", sse("data: {"), Then::reset, "broke before its answer was complete"},
      {"chunks that end in the middle", chunked("4\r\ndata\r\n", "text/event-stream"), Then::close,
       "broke before its answer was complete"},
  });
}

TEST_CASE("A stream that is only unusual brings its answer") {
  const std::string split = good.substr(0, 10) + "\ndata:" + good.substr(10);
  check_scripts({
      {"lines that end in CR", sse("data: " + good + "\r\r"), Then::close, {}, false},
      {"lines that end in CRLF", sse("data: " + good + "\r\n\r\n"), Then::close, {}, false},
      {"a byte-order mark", sse("\xEF\xBB\xBF" + event), Then::close, {}, false},
      {"no space behind the colon", sse("data:" + good + "\n\n"), Then::close, {}, false},
      {"comments between", sse(": a\n:\n\n" + event), Then::close, {}, false},
      {"an event's own name", sse("event: message\n" + event), Then::close, {}, false},
      {"fields that nobody knows",
       sse(std::string(100'000, 'x') + ": y\nfoo\n" + event),
       Then::close,
       {},
       false},
      {"a time that is nonsense",
       sse("retry: soon\nretry: -1\nretry: 99999999999999999999\n" + event),
       Then::close,
       {},
       false},
      {"an id with control characters", sse("id: a\x01\tb" + nul + "\n" + event), Then::close, {}, false},
      {"the answer twice", sse(event + event), Then::close, {}, false},
      {"nonsense behind the answer", sse(event + "data: nonsense\n\n"), Then::close, {}, false},
      {"an answer behind which nothing ends", sse(event), Then::stall, {}, false},
      {"a type in capitals with a parameter",
       "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=UTF-8\r\nConnection: close\r\n\r\n" +
           event,
       Then::close,
       {},
       false},
  });
}

TEST_CASE("Data over several lines is put together, and reaches the host in one") {
  RawServer server;
  server.on("custom/echo", [](Exchange& exchange) {
    exchange.begin_stream();
    exchange.stream("data: {\"jsonrpc\":\"2.0\",\ndata: \"id\":1,\ndata:\"result\":{}}\n\n");
    exchange.end_stream();
  });
  Host host(server);
  host.request("1", "custom/echo");
  CHECK(host.next() == R"({"jsonrpc":"2.0", "id":1, "result":{}})");
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A stream that arrives byte by byte brings its answer") {
  RawServer server;
  server.on("tools/call", [](Exchange& exchange) {
    exchange.drip(sse(": a\r\n\r\nid: 1\r\nretry: 5\r\ndata: " + make_response(exchange.request.id(), "{}") +
                      "\r\n\r\n"));
    exchange.close();
  });
  Host host(server);
  host.initialize();
  host.call("1");
  CHECK(host.next() == make_response("1", "{}"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("An error without an id is the answer to the request that it was sent for") {
  struct Row {
    const char* status;
    const char* body;
  };
  const Row rows[] = {{"200 OK", R"({"jsonrpc":"2.0","error":{"code":-5,"message":"no"}})"},
                      {"400 Bad", R"({"jsonrpc":"2.0","id":null,"error":{"code":-5,"message":"no"}})"},
                      {"500 Oops", R"({"jsonrpc":"2.0","id":7,"error":{"code":-5,"message":"no"}})"}};
  for (const Row& row : rows) {
    CAPTURE(row.status);
    RawServer server;
    server.on("tools/call",
              [&](Exchange& exchange) { exchange.send(http(row.body, "application/json", row.status)); });
    Host host(server);
    host.initialize();
    host.call("7");
    const std::string answer = host.next();
    CHECK(value_at(answer, "/id") == "7");
    CHECK(value_at(answer, "/error") == R"({"code":-5,"message":"no"})");
    CHECK(host.finish() == Lines{});
  }
}
