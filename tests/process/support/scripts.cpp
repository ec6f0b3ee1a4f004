#include "process/support/scripts.h"

#include <catch2/catch_test_macros.hpp>

namespace clickflow::testing {

std::string http(std::string_view body, std::string_view type, std::string_view status,
                 std::string_view headers) {
  std::string text = "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(headers);
  if (!type.empty()) text += "Content-Type: " + std::string(type) + "\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return text.append(body);
}

std::string sse(std::string_view events, std::string_view headers) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n" +
         std::string(headers) + "\r\n" + std::string(events);
}

std::string chunked(std::string_view chunks, std::string_view type) {
  return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: " + std::string(type) + "\r\n\r\n" +
         std::string(chunks);
}

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

namespace {

void perform(const Script& script, Exchange& exchange) {
  exchange.send(script.bytes);
  switch (script.then) {
    case Then::keep:
      return;
    case Then::close:
      return exchange.close();
    case Then::reset:
      return exchange.reset();
    case Then::stall:
      exchange.await_close();
      return exchange.close();
  }
}

void check(const Script& script) {
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    if (exchange.request.id() == "7") return perform(script, exchange);
    exchange.result(R"({"later":true})");
  });
  Host host(server, script.arguments);
  host.initialize();
  const size_t logged = host.program.log().size();
  host.call("7");
  const std::string answer = host.answer("7");
  if (script.failure.empty()) {
    CHECK(answer == good);
  } else {
    CHECK(value_at(answer, "/result/isError") == "true");
    const std::string text = text_at(answer, "/result/content/0/text");
    CAPTURE(text);
    CHECK(text.find(script.failure) != std::string::npos);
  }
  CHECK(host.waiting().empty());
  host.check_quiet();
  // At once, so that they take every connection that was kept.
  for (const char* id : {"8", "9", "10"}) host.call(id);
  for (const char* id : {"8", "9", "10"}) CHECK(host.answer(id) == make_response(id, R"({"later":true})"));
  CHECK(server.count("tools/call") == 4);  // no call runs twice
  if (script.logged) host.program.await_log(" warning ", logged);
  CHECK(host.finish() == Lines{});
}

}  // namespace

void check_scripts(const std::vector<Script>& scripts) {
  for (const Script& script : scripts) {
    DYNAMIC_SECTION(script.name) {
      check(script);
    }
  }
}

}  // namespace clickflow::testing
