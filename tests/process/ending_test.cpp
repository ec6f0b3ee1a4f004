#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <csignal>

#include "process/support/host.h"

using namespace clickflow::testing;
using Clock = std::chrono::steady_clock;

namespace {

// What would hold up the end would do so for `patience` or for ever. (How long an end may take at most is
// checked in ending_in_time_test.cpp.)
constexpr std::chrono::seconds limit{10};

void never_answer(RawServer& server, const std::string& what) {
  server.on(what, [](Exchange& exchange) {
    exchange.await_close();
    exchange.close();
  });
}

// The program has filled the pipe to a host that reads nothing.
void fill_stdout(Host& host) {
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})"
                           "\n";
  host.program.send_bytes(ping);
  host.program.read_line();  // it is there
  std::string pings;
  for (int i = 0; i < 5000; ++i) pings += ping;
  host.program.send_bytes(pings);
  host.program.await_unread(60'000);  // it holds 65,536, or a little less
}

}  // namespace

TEST_CASE("The end of stdin ends the program, whatever is in flight, and the session with it") {
  RawServer server;
  never_answer(server, "tools/call");
  server.on("GET", [](Exchange& exchange) {
    exchange.begin_stream();
    exchange.await_close();
    exchange.close();
  });
  Host host(server);
  host.initialize();
  for (int i = 0; i < 20; ++i) host.call(std::to_string(i));
  server.await("tools/call", 20);
  server.await("GET");
  const auto began = Clock::now();
  CHECK(host.finish() == Lines{});  // with status 0
  CHECK(Clock::now() - began < limit);
  CHECK(server.await("DELETE").header("Mcp-Session-Id") == "session-1");
}

TEST_CASE("A signal ends the program as the end of stdin does") {
  const int number = GENERATE(SIGTERM, SIGINT, SIGHUP);
  CAPTURE(number);
  RawServer server;
  never_answer(server, "tools/call");
  Host host(server);
  host.initialize();
  host.call("1");
  server.await("tools/call");
  const auto began = Clock::now();
  host.program.signal(number);
  CHECK(host.program.wait() == Exit{});
  CHECK(Clock::now() - began < limit);
  server.await("DELETE");
  CHECK(server.count("DELETE") == 1);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A second signal while the program ends changes nothing") {
  RawServer server;
  never_answer(server, "tools/call");
  Host host(server);
  host.initialize();
  host.call("1");
  server.await("tools/call");
  for (int i = 0; i < 10; ++i) host.program.signal(SIGTERM);
  CHECK(host.program.wait() == Exit{});
  server.await("DELETE");
  CHECK(server.count("DELETE") == 1);
}

TEST_CASE("What is answered right after the end of stdin still reaches the host") {
  Event closed;
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    closed.wait();
    exchange.result("{}");
  });
  Host host(server);
  host.initialize();
  host.call("1");
  server.await("tools/call");
  host.program.close_stdin();
  closed.set();
  CHECK(host.program.read_line() == make_response("1", "{}"));
  CHECK(host.finish() == Lines{});
}

namespace {

struct Conversation {
  Lines lines;
  std::chrono::steady_clock::duration took{};  // from the end of stdin to the program's
};

Conversation pipe_in(const RawServer& server) {
  Program program({"--url", server.url(), "--tool-names", "original", "--protocol", "2025-11-25"});
  program.send_bytes(
      R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})"
      "\n"
      R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
      "\n"
      R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})"
      "\n");
  const auto began = Clock::now();
  program.close_stdin();
  Conversation said;
  while (auto line = program.try_read_line(patience)) said.lines.push_back(*std::move(line));
  CHECK(program.wait() == Exit{});
  said.took = Clock::now() - began;
  return said;
}

}  // namespace

TEST_CASE("A whole conversation may be piped in at once") {
  // The answers get 0.7 s behind the end of stdin; where a busy machine needs more, it is tried again.
  constexpr int most_attempts = 5;
  for (int attempt = 1; attempt <= most_attempts; ++attempt) {
    const RawServer server;
    const Conversation said = pipe_in(server);
    if (said.took > std::chrono::milliseconds(650) && attempt < most_attempts) continue;
    REQUIRE(said.lines.size() == 2);
    CHECK(value_at(said.lines[0], "/id") == "1");
    CHECK(said.lines[1] == make_response("2", R"({"tools":[]})"));
    server.await("DELETE");
    CHECK(server.count("DELETE") == 1);
    return;
  }
}

TEST_CASE("The end of stdin in the middle of the handshake with the server ends the program") {
  const std::string step =
      GENERATE(as<std::string>(), "server/discover", "initialize", "notifications/initialized");
  CAPTURE(step);
  RawServer server;
  never_answer(server, step);
  Host host(server);
  host.request("0", "initialize");
  CHECK_FALSE(value_at(host.next(), "/result").empty());
  host.notify("notifications/initialized");
  host.call("1");
  server.await(step);
  const auto began = Clock::now();
  CHECK(host.finish() == Lines{});
  CHECK(Clock::now() - began < limit);
  CHECK(server.count("tools/call") == 0);
  // A session that the server has begun is ended.
  const bool has_begun = step == "notifications/initialized";
  if (has_begun) server.await("DELETE");
  CHECK(server.count("DELETE") == (has_begun ? 1 : 0));
}

TEST_CASE("A server that does not answer the farewell does not hold up the end") {
  RawServer server;
  never_answer(server, "DELETE");
  Host host(server);
  host.initialize();
  const auto began = Clock::now();
  CHECK(host.finish() == Lines{});
  CHECK(Clock::now() - began < limit);
}

TEST_CASE("A server that does not take a notification does not hold up the end") {
  RawServer server;
  never_answer(server, "notifications/odd");
  Host host(server);
  host.initialize();
  host.notify("notifications/odd");
  host.notify("notifications/odd");
  server.await("notifications/odd");
  const auto began = Clock::now();
  CHECK(host.finish() == Lines{});
  CHECK(Clock::now() - began < limit);
}

TEST_CASE("A host that stops reading and then goes leaves no process behind") {
  const bool closes_stdout = GENERATE(true, false);
  CAPTURE(closes_stdout);
  const RawServer server;
  Host host(server);
  fill_stdout(host);
  const auto began = Clock::now();
  if (closes_stdout) host.program.close_stdout();
  host.program.close_stdin();
  CHECK(host.program.wait() == Exit{});
  CHECK(Clock::now() - began < limit);
}

TEST_CASE("A host that stops reading and sends SIGTERM leaves no process behind") {
  const RawServer server;
  Host host(server);
  fill_stdout(host);
  const auto began = Clock::now();
  host.program.signal(SIGTERM);
  CHECK(host.program.wait() == Exit{});
  CHECK(Clock::now() - began < limit);
}

TEST_CASE("A host that stops reading in the middle of large answers, and goes, leaves no process behind") {
  RawServer server;
  server.on("tools/call",
            [](Exchange& exchange) { exchange.result("\"" + std::string(1 << 20, 'x') + "\""); });
  Host host(server);
  host.initialize();
  for (int i = 0; i < 8; ++i) host.call(std::to_string(i));
  server.await("tools/call", 8);
  const auto began = Clock::now();
  host.program.close_stdin();
  CHECK(host.program.wait() == Exit{});
  CHECK(Clock::now() - began < limit);
}

TEST_CASE("A host that closes its end of stdout only is served until it closes stdin") {
  const RawServer server;
  Host host(server);
  host.initialize();
  host.program.close_stdout();
  host.call("1");
  server.await("tools/call");
  host.request("2", "ping");
  host.program.close_stdin();
  CHECK(host.program.wait() == Exit{});
  server.await("DELETE");
  CHECK(server.count("DELETE") == 1);
}

TEST_CASE("A slow reader loses nothing") {
  RawServer server;
  server.on("tools/call", [](Exchange& exchange) {
    exchange.begin_stream();
    for (int i = 0; i < 500; ++i)
      exchange.event(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":)" +
                     std::to_string(i) + R"(,"message":")" + std::string(1000, 'm') + "\"}}");
    exchange.event(make_response(exchange.request.id(), "{}"));
    exchange.end_stream();
  });
  Host host(server);
  host.initialize();
  host.call("1");
  server.await("tools/call");
  // By now the pipe is full, or soon will be.
  CHECK_FALSE(Event().wait(std::chrono::milliseconds(100)));
  for (int i = 0; i < 500; ++i) REQUIRE(value_at(host.next(), "/params/progress") == std::to_string(i));
  CHECK(host.next() == make_response("1", "{}"));
  CHECK(host.finish() == Lines{});
}
