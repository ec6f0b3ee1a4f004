#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "process/support/host.h"

using namespace clickflow::testing;

namespace {

constexpr size_t max_line = 16 * 1024 * 1024;

std::string ping_of(int id) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":"ping"})";
}

const std::string ping = ping_of(1);
const std::string pong = make_response("1", "{}");

// A valid request of just that many bytes.
std::string request_of(size_t size) {
  const std::string start = R"({"jsonrpc":"2.0","id":7,"method":"custom/echo","params":{"text":")";
  const std::string end = "\"}}";
  return start + std::string(size - start.size() - end.size(), 'x') + end;
}

}  // namespace

TEST_CASE("A line ends with LF or CRLF") {
  const RawServer server;
  Host host(server);
  host.program.send_bytes(ping_of(1) + "\r\n" + ping_of(2) + "\n" + ping_of(3) + "\r\n");
  for (int i = 1; i <= 3; ++i) CHECK(host.next() == make_response(std::to_string(i), "{}"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A byte-order mark before a message is passed over") {
  const RawServer server;
  Host host(server);
  host.send("\xEF\xBB\xBF" + ping);
  CHECK(host.next() == pong);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Blank lines say nothing") {
  const RawServer server;
  Host host(server);
  host.program.send_bytes("\n\r\n \t \n\xEF\xBB\xBF\n" + ping + "\n\n");
  CHECK(host.next() == pong);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A message may arrive byte by byte") {
  const RawServer server;
  Host host(server);
  for (const char byte : ping + "\n") host.program.send_bytes({&byte, 1});
  CHECK(host.next() == pong);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Many messages may arrive in one write") {
  const RawServer server;
  Host host(server);
  std::string all;
  for (int i = 0; i < 1000; ++i) all += ping_of(i) + "\n";
  host.program.send_bytes(all);
  for (int i = 0; i < 1000; ++i) REQUIRE(host.next() == make_response(std::to_string(i), "{}"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A message of 16 MiB goes to the server as it is") {
  const RawServer server;
  Host host(server);
  const std::string request = request_of(max_line);
  host.send(request);
  CHECK(host.answer("7") == make_response("7", "{}"));
  CHECK(server.await("custom/echo").body == request);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A message of one byte more than 16 MiB is refused, and the next one is read") {
  const RawServer server;
  Host host(server);
  host.send(request_of(max_line + 1));
  const std::string refusal = host.next();
  CHECK(value_at(refusal, "/error/code") == "-32600");
  CHECK(text_at(refusal, "/error/message").find("16777216 bytes") != std::string::npos);
  CHECK(value_at(refusal, "/id") == "7");
  host.check_quiet();
  host.program.await_log("16777216");
  CHECK(server.count("custom/echo") == 0);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A last line without its end is half a message and is dropped") {
  const RawServer server;
  Host host(server);
  host.send(ping);
  host.program.send_bytes(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  CHECK(host.finish() == Lines{pong});
  CHECK(host.program.log().find("in the middle of a line") != std::string::npos);
}

TEST_CASE("An answer that is spread over lines reaches the host as one line") {
  RawServer server;
  server.on("custom/echo", [](Exchange& exchange) {
    exchange.json("{\r\n  \"jsonrpc\": \"2.0\",\n  \"id\": 3,\n  \"result\": {\"a\":\t\"b\\n\"}\r\n}\n");
  });
  Host host(server);
  host.request("3", "custom/echo");
  CHECK(host.next() == "{    \"jsonrpc\": \"2.0\",   \"id\": 3,   \"result\": {\"a\":\t\"b\\n\"}  } ");
  CHECK(host.finish() == Lines{});
}

TEST_CASE("What is on stdout is one valid message per line, whatever happens side by side") {
  RawServer server;
  server.on("tools/call", [](Exchange& exchange) {
    exchange.begin_stream();
    for (int i = 0; i < 10; ++i)
      exchange.event(
          R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":")" +
          std::string(5000, 'd') + "\"}}");
    exchange.event(make_response(exchange.request.id(), R"({"content":[]})"));
    exchange.end_stream();
  });
  Host host(server, {"--log-level", "trace"});
  host.initialize();
  for (int i = 0; i < 10; ++i) {
    host.call(std::to_string(100 + i));
    host.send("nonsense");
    host.send(ping);
  }
  // Each line is checked when it is read.
  for (int i = 100; i < 110; ++i)
    CHECK(host.answer(std::to_string(i)) == make_response(std::to_string(i), R"({"content":[]})"));
  CHECK(host.finish().size() == 10 * 10 + 2 * 10);
}
