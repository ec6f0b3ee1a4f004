#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <map>

#include "process/support/home.h"
#include "process/support/host.h"
#include "process/support/scripts.h"

using namespace clickflow::testing;

TEST_CASE("Each request says what Streamable HTTP wants it to say") {
  RawServer server;
  Host host(server);
  host.initialize();
  server.await("GET");
  host.call("1");
  CHECK_FALSE(host.answer("1").empty());
  CHECK(host.finish() == Lines{});

  const Request first = server.await("initialize");
  CHECK(first.method == "POST");
  CHECK(first.target == "/mcp");
  CHECK(first.header("Host") == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(first.header("Content-Type") == "application/json");
  CHECK(first.header("Accept") == "application/json, text/event-stream");
  CHECK_FALSE(first.has_header("Mcp-Session-Id"));
  CHECK_FALSE(first.has_header("MCP-Protocol-Version"));
  CHECK_FALSE(first.has_header("Authorization"));
  for (const Request& later : {server.await("notifications/initialized"), server.await("tools/call"),
                               server.await("GET"), server.await("DELETE")}) {
    CAPTURE(later.method, later.body);
    CHECK(later.header("Mcp-Session-Id") == "session-1");
    CHECK(later.header("MCP-Protocol-Version") == "2025-11-25");
  }
}

TEST_CASE("Without a session there is no session header, and nothing to end") {
  RawServer server;
  server.on("initialize", [](Exchange& exchange) {
    exchange.result(R"({"protocolVersion":"2025-06-18","capabilities":{}})");
  });
  Host host(server);
  host.initialize();
  host.call("1");
  CHECK_FALSE(host.answer("1").empty());
  CHECK(host.finish() == Lines{});
  CHECK_FALSE(server.await("tools/call").has_header("Mcp-Session-Id"));
  CHECK(server.await("tools/call").header("MCP-Protocol-Version") == "2025-06-18");
  CHECK(server.count("DELETE") == 0);
}

TEST_CASE("What is odd about a handshake's answer is logged, and stays between the server and us") {
  struct Row {
    std::string name;
    std::string headers;
    std::string result;
    std::string session;  ///< that later requests name
    std::string version;
    bool logged = true;
  };
  const std::string plain = R"({"protocolVersion":"2025-11-25","capabilities":{}})";
  const Row rows[] = {
      {"a session id with spaces", "Mcp-Session-Id: a b\r\n", plain, "", "2025-11-25"},
      {"a session id outside ASCII", "Mcp-Session-Id: \xC3\xA9\r\n", plain, "", "2025-11-25"},
      {"an empty session id", "Mcp-Session-Id: \r\n", plain, "", "2025-11-25"},
      {"a session id with every other character", "Mcp-Session-Id: !\"#$&'()*,-./:;<=>?@[\\]^_`{|}~\r\n",
       plain, "!\"#$&'()*,-./:;<=>?@[\\]^_`{|}~", "2025-11-25", false},
      {"a long session id", "mcp-session-id: " + std::string(4000, 'x') + "\r\n", plain,
       std::string(4000, 'x'), "2025-11-25", false},
      {"no version", "", R"({"capabilities":{}})", "", ""},
      {"a version that is a number", "", R"({"protocolVersion":5})", "", ""},
      {"a version that no header can hold", "", R"({"protocolVersion":"a\r\nX-A: b"})", "", ""},
      {"a result that is no object", "", "5", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    RawServer server;
    server.on("initialize", [&](Exchange& exchange) { exchange.result(row.result, row.headers); });
    const Home home;
    Host host(server, {}, home.environment());
    const auto greet = [&](Host& greeted) {
      greeted.request("0", "initialize", R"({"protocolVersion":"2025-11-25","capabilities":{}})");
      const std::string greeting = greeted.next();
      CHECK(value_at(greeting, "/id") == "0");
      CHECK(text_at(greeting, "/result/protocolVersion") == "2025-11-25");
      CHECK_FALSE(value_at(greeting, "/result/capabilities").empty());
      // Who says nothing of tools may have some all the same.
      if (value_at(row.result, "/capabilities").empty())
        CHECK(value_at(greeting, "/result/capabilities/tools/listChanged") == "true");
      CHECK_FALSE(text_at(greeting, "/result/serverInfo/name").empty());
    };
    greet(host);
    host.call("1");
    CHECK_FALSE(value_at(host.next(), "/result").empty());
    CHECK(server.count("initialize") == 1);
    const Request call = server.await("tools/call");
    CHECK(call.header("Mcp-Session-Id") == row.session);
    CHECK(call.header("MCP-Protocol-Version") == row.version);
    CHECK_FALSE(call.has_header("X-A"));
    if (row.logged) host.program.await_log(" warning ");
    CHECK(host.finish() == Lines{});
    // What is kept of it is nothing odd either.
    Host next(server, {}, home.environment());
    greet(next);
    CHECK(next.finish() == Lines{});
  }
}

TEST_CASE("A handshake that fails is told by the request that needed it, and the next one tries again") {
  RawServer server;
  server.on("initialize", [&](Exchange& exchange) {
    if (server.count("initialize") <= 2) return exchange.answer(503, {}, {}, "Retry-After: 2\r\n");
    exchange.result(R"({"protocolVersion":"2025-11-25","capabilities":{}})");
  });
  Host host(server);
  host.request("0", "initialize");
  CHECK_FALSE(value_at(host.next(), "/result").empty());
  host.request("1", "tools/list");
  const std::string failure = host.next();
  CHECK(value_at(failure, "/id") == "1");
  CHECK(value_at(failure, "/error/code") == "-32000");
  CHECK(text_at(failure, "/error/data/reason") == "busy");
  CHECK(text_at(failure, "/error/message").find("Try again in 2 s.") != std::string::npos);
  host.call("2");
  const std::string result = host.next();
  CHECK(value_at(result, "/result/isError") == "true");
  CHECK(text_at(result, "/result/content/0/text").find("Try again in 2 s.") != std::string::npos);
  CHECK(server.count("tools/list") + server.count("tools/call") == 0);
  host.call("3");
  CHECK(text_at(host.next(), "/result/content/0/text") == "done");
  CHECK(server.count("initialize") == 3);
  // The host may begin anew as well, and gets a handshake of its own.
  host.request("4", "initialize");
  CHECK_FALSE(value_at(host.next(), "/result").empty());
  host.call("5");
  CHECK(text_at(host.next(), "/result/content/0/text") == "done");
  CHECK(server.await("initialize", 4).id() == "4");
  CHECK(host.finish() == Lines{});
}

namespace {

// A server that has lost its first session, and finds out when `calls` calls are there at once.
class Forgetful {
 public:
  Forgetful(size_t calls, std::string lost) : lost_(std::move(lost)) {
    server.on("tools/call", [this, calls](Exchange& exchange) {
      if (exchange.request.header("Mcp-Session-Id") == "session-1") {
        if (++refused_ == calls) all_there_.set();
        all_there_.wait();
        return exchange.send(lost_);
      }
      {
        std::lock_guard lock(mutex_);
        ++ran_[exchange.request.id()];
      }
      exchange.result(R"({"ran":)" + json_string(exchange.request.header("Mcp-Session-Id")) + "}");
    });
  }
  std::map<std::string, int> ran() {
    std::lock_guard lock(mutex_);
    return ran_;
  }

 private:
  const std::string lost_;
  std::atomic<size_t> refused_ = 0;
  Event all_there_;
  std::mutex mutex_;
  std::map<std::string, int> ran_;

 public:
  RawServer server;  // the last: its threads use the others
};

}  // namespace

TEST_CASE("Many calls that find the session lost at once make one new session, and each runs once") {
  // With 404 as the specification has it, and with 400 as older servers say it.
  for (
      const std::string& lost :
      {http("", "", "404 Not Found"),
       http(
           R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"}})",
           "application/json", "400 Bad Request")}) {
    CAPTURE(lost);
    constexpr size_t calls = 40;
    Forgetful forgetful(calls, lost);
    RawServer& server = forgetful.server;
    {
      Host host(server);
      host.initialize();
      for (size_t i = 0; i < calls; ++i) host.call(std::to_string(i));
      for (size_t i = 0; i < calls; ++i)
        CHECK(host.answer(std::to_string(i)) == make_response(std::to_string(i), R"({"ran":"session-2"})"));
      CHECK(host.finish() == Lines{});
    }
    CHECK(forgetful.ran().size() == calls);
    for (const auto& [id, times] : forgetful.ran()) CHECK(times == 1);
    CHECK(server.count("tools/call") == 2 * calls);
    // The host's own handshake, played again.
    REQUIRE(server.count("initialize") == 2);
    CHECK(server.await("initialize", 2).body == server.await("initialize", 1).body);
    CHECK_FALSE(server.await("initialize", 2).has_header("Mcp-Session-Id"));
    REQUIRE(server.count("notifications/initialized") == 2);
    CHECK(server.await("notifications/initialized", 2).header("Mcp-Session-Id") == "session-2");
    CHECK(server.await("DELETE").header("Mcp-Session-Id") == "session-2");
  }
}

TEST_CASE("A session that is lost again at once gives one answer, with the server's words") {
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    exchange.answer(
        404, "application/json",
        R"({"jsonrpc":"2.0","id":"server-error","error":{"code":-32001,"message":"Session not found"}})");
  });
  Host host(server);
  host.initialize();
  host.call("1");
  const std::string answer = host.next();
  CHECK(value_at(answer, "/id") == "1");
  CHECK(answer.find("Session not found") != std::string::npos);
  CHECK(server.count("tools/call") == 2);
  CHECK(server.count("initialize") == 2);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("400 with an answer to the request itself is that answer, even if it speaks of a session") {
  const std::string error =
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"session_name is missing"}})";
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) { exchange.answer(400, "application/json", error); });
  Host host(server);
  host.initialize();
  host.call("1");
  CHECK(host.next() == error);
  CHECK(server.count("initialize") == 1);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("When no new session can be had, each call that waits for one gets an answer") {
  constexpr size_t calls = 10;
  Forgetful forgetful(calls, http("", "", "404 Not Found"));
  RawServer& server = forgetful.server;
  Host host(server);
  host.initialize();
  server.on("initialize", [](Exchange& exchange) { exchange.answer(500, {}, {}); });
  for (size_t i = 0; i < calls; ++i) host.call(std::to_string(i));
  for (size_t i = 0; i < calls; ++i)
    CHECK(value_at(host.answer(std::to_string(i)), "/result/isError") == "true");
  CHECK(host.finish() == Lines{});
  CHECK(forgetful.ran().empty());
}

TEST_CASE("404 before there is a session says that there is no server") {
  RawServer server;
  server.on("initialize", [](Exchange& exchange) { exchange.answer(404, {}, {}); });
  Host host(server);
  host.request("0", "initialize");
  CHECK_FALSE(value_at(host.next(), "/result").empty());
  host.request("1", "tools/list");
  const std::string error = host.next();
  CHECK(value_at(error, "/id") == "1");
  CHECK(text_at(error, "/error/message").find("There is no MCP server at " + server.url()) !=
        std::string::npos);
  CHECK(server.count("initialize") == 1);
  CHECK(host.finish() == Lines{});
}
