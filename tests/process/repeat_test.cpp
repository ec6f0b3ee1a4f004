#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "process/support/host.h"
#include "process/support/scripts.h"
#include "support/closed_port.h"

using namespace clickflow::testing;

namespace {

// Of the host's own request: a list that it could not be given is asked for by the program, too.
long times_sent(const RawServer& server, const std::string& method, const std::string& id) {
  const auto all = server.seen(method);
  return std::count_if(all.begin(), all.end(), [&](const Request& request) { return request.id() == id; });
}

}  // namespace

TEST_CASE("A request that was written when the connection died goes out again only if it may run twice") {
  struct Row {
    const char* method;
    bool again;
  };
  const auto row = GENERATE(Row{"tools/list", true}, Row{"resources/read", true}, Row{"prompts/get", true},
                            Row{"logging/setLevel", true}, Row{"tools/call", false},
                            Row{"tasks/cancel", false}, Row{"custom/anything", false});
  const bool reset = GENERATE(false, true);
  CAPTURE(row.method, reset);
  RawServer server;
  server.on(row.method, [&](Exchange& exchange) {
    if (server.count(row.method) > 1) return exchange.result("{}");
    reset ? exchange.reset() : exchange.close();
  });
  Host host(server);
  host.initialize();
  host.request("1", row.method, R"({"name":"work"})");
  const std::string answer = host.next();
  CHECK(value_at(answer, "/id") == "1");
  if (row.again) {
    CHECK(answer == make_response("1", "{}"));
  } else {
    CHECK(answer.find("broke before its answer was complete") != std::string::npos);
  }
  CHECK(host.finish() == Lines{});
  CHECK(server.count(row.method) == (row.again ? 2 : 1));
}

TEST_CASE(
    "A call that may have run is to be looked at before it is repeated, and a resource may be read again") {
  struct Row {
    const char* what;
    RawServer::Handler handler;
    const char* hint;
  };
  const auto wait = [](Exchange& exchange) {
    exchange.await_close();
    exchange.close();
  };
  constexpr auto more_time = ", or allow more time with --first-byte-timeout";
  const auto row = GENERATE_COPY(
      Row{"broken", [](Exchange& exchange) { exchange.close(); }, "."},
      Row{"failed", [](Exchange& exchange) { exchange.answer(502, "text/html", "<p>no"); }, "."},
      Row{"no first byte", wait, more_time},
      Row{"silence",
          [&](Exchange& exchange) {
            exchange.begin_stream();
            wait(exchange);
          },
          more_time});
  CAPTURE(row.what);
  RawServer server;
  server.on("tools/call", row.handler);
  server.on("resources/read", row.handler);
  Host host(server, {"--first-byte-timeout", "0.5", "--silence-timeout", "0.5"});
  host.initialize();
  host.call("1");
  const std::string call = text_at(host.answer("1"), "/result/content/0/text");
  CAPTURE(call);
  CHECK(call.find("is not known. Look at the result in ClickFlow before you try again" +
                  std::string(row.hint)) != std::string::npos);
  host.request("2", "resources/read", R"({"uri":"a:b"})");
  const std::string read = host.answer("2");
  CAPTURE(read);
  CHECK(read.find("Try again later" + std::string(row.hint)) != std::string::npos);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Nothing goes out a third time") {
  RawServer server;
  server.on("tools/list", [](Exchange& exchange) { exchange.close(); });
  Host host(server);
  host.initialize();
  host.request("1", "tools/list");
  CHECK(text_at(host.next(), "/error/data/reason") == "lost");
  CHECK(host.finish() == Lines{});
  CHECK(times_sent(server, "tools/list", "1") == 2);
}

TEST_CASE("What has begun to be answered does not go out again") {
  RawServer server;
  server.on("tools/list", [](Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{");
    exchange.reset();
  });
  Host host(server);
  host.initialize();
  host.request("1", "tools/list");
  CHECK(text_at(host.next(), "/error/data/reason") == "lost");
  CHECK(host.finish() == Lines{});
  CHECK(times_sent(server, "tools/list", "1") == 1);
}

TEST_CASE("A connection that the server has closed meanwhile costs a call nothing") {
  Event closed;
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    exchange.result("{}");
    if (server.count("tools/call") > 1) return;
    exchange.close();
    closed.set();
  });
  Host host(server);
  host.initialize();
  for (const char* id : {"1", "2"}) {
    host.call(id);
    CHECK(host.next() == make_response(id, "{}"));
    CHECK(closed.wait());
  }
  CHECK(server.count("tools/call") == 2);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Calls one after another go over one connection") {
  RawServer server;
  server.on("GET", [](Exchange& exchange) {
    exchange.answer(405, {}, {}, "Connection: close\r\n");
    exchange.close();
  });
  Host host(server);
  host.initialize();
  for (int i = 0; i < 20; ++i) {
    host.call(std::to_string(i));
    CHECK_FALSE(host.next().empty());
  }
  // One for requests; the GET ran beside, and a notification may have.
  CHECK(server.connections() <= 3);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Nobody there is told at once, and nothing is lost when somebody comes") {
  const ClosedPort closed;
  RawServer server;
  Host host(server, {"--url", "http://127.0.0.1:" + std::to_string(closed.number()) + "/mcp"});
  host.call("1");
  const std::string answer = host.next();
  CHECK(value_at(answer, "/result/isError") == "true");
  CHECK(text_at(answer, "/result/content/0/text").find("can't be reached") != std::string::npos);
  host.request("2", "tools/list");
  CHECK(text_at(host.next(), "/error/data/reason") == "unreachable");
  CHECK(host.finish() == Lines{});
}
