#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "process/support/host.h"

using namespace clickflow::testing;

TEST_CASE("An id reaches the server and comes back byte for byte") {
  const auto* const id =
      GENERATE(as<const char*>(), "0", "1", "-1", "1.5", "1e3", "\"a\"", "\"\"", "\"0\"", "9007199254740993",
               "12345678901234567890", "123456789012345678901234567890", R"("a\u0062\n\"\\\ud83d\ude00")",
               "\"\u00e9\u4e2d\U0001F600\"");
  CAPTURE(id);
  const RawServer server;
  Host host(server);
  host.request(id, "custom/echo");
  CHECK(host.next() == make_response(id, "{}"));
  CHECK(server.await("custom/echo").id() == id);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("An id with half a surrogate pair, which JavaScript can write, is carried too") {
  const RawServer server;
  Host host(server);
  host.request(R"("\ud800")", "custom/echo");
  CHECK(host.program.read_line() == make_response(R"("\ud800")", "{}"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A server that spells an id in its own way is understood, and the host gets its own spelling") {
  struct Row {
    const char* sent;
    const char* returned;
  };
  // The last: a server that reads numbers as doubles.
  const auto row = GENERATE(Row{"1", "1.0"}, Row{"1.50", "1.5"}, Row{R"("\u0061")", R"("a")"},
                            Row{"12345678901234567890", "12345678901234567000"});
  CAPTURE(row.sent, row.returned);
  RawServer server;
  server.on("custom/echo", [&](Exchange& exchange) { exchange.json(make_response(row.returned, "{}")); });
  Host host(server);
  host.request(row.sent, "custom/echo");
  CHECK(host.next() == make_response(row.sent, "{}"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("The number 1 and the string \"1\" are two ids") {
  Event release;
  RawServer server;
  server.on("custom/echo", [&](Exchange& exchange) {
    release.wait();
    exchange.result(exchange.request.param("n"));
  });
  Host host(server);
  host.request("1", "custom/echo", R"({"n":10})");
  host.request("\"1\"", "custom/echo", R"({"n":20})");
  server.await("custom/echo", 2);
  release.set();
  CHECK(host.answer("1") == make_response("1", "10"));
  CHECK(host.answer("\"1\"") == make_response("\"1\"", "20"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A second request under an id that is in flight is not carried out") {
  struct Row {
    const char* first;
    const char* second;
  };
  const auto row = GENERATE(Row{"7", "7"}, Row{"\"a\"", R"("\u0061")"}, Row{"1", "1.0"});
  CAPTURE(row.first, row.second);
  Event release;
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    release.wait();
    exchange.result("{}");
  });
  Host host(server);
  host.call(row.first);
  server.await("tools/call");
  host.call(row.second);
  const std::string refusal = host.next();
  CHECK(value_at(refusal, "/error/code") == "-32600");
  // Under that id it would be taken for the first one's answer.
  CHECK(value_at(refusal, "/id").empty());
  host.program.await_log("in flight");
  release.set();
  CHECK(host.next() == make_response(row.first, "{}"));
  CHECK(server.count("tools/call") == 1);

  // Once it is answered, the id is free again.
  host.call(row.second);
  CHECK(host.next() == make_response(row.second, "{}"));
  CHECK(host.finish() == Lines{});
}

namespace {

// Answers initialize with what the host asked for.
void agree(RawServer& server) {
  server.on("initialize", [](Exchange& exchange) {
    exchange.result(R"({"protocolVersion":)" + exchange.request.param("protocolVersion") +
                    R"(,"capabilities":{},"serverInfo":{"name":"raw","version":"1"}})");
  });
}

constexpr auto batch =
    R"([{"jsonrpc":"2.0","id":1,"method":"custom/echo"}, {"jsonrpc":"2.0","method":"notifications/odd"},)"
    R"({"jsonrpc":"2.0","id":"two","method":"tools/call","params":{"name":"work"}},)"
    R"({"jsonrpc":"2.0","id":3,"method":"ping"},17,{"jsonrpc":"2.0","id":9,"result":{}}])";

}  // namespace

TEST_CASE("A batch is carried out part by part where 2025-03-26 was agreed") {
  RawServer server;
  agree(server);
  Host host(server);
  host.initialize("2025-03-26");
  host.send(batch);
  CHECK(host.answer("1") == make_response("1", "{}"));
  CHECK_FALSE(value_at(host.answer("\"two\""), "/result").empty());
  CHECK(host.answer("3") == make_response("3", "{}"));
  server.await("notifications/odd");
  CHECK(server.await("response").body == R"({"jsonrpc":"2.0","id":9,"result":{}})");
  const Lines rest = host.finish();
  REQUIRE(rest.size() == 1);  // 17 is no message
  CHECK(value_at(rest[0], "/error/code") == "-32600");
  CHECK(value_at(rest[0], "/id").empty());
}

TEST_CASE("Elsewhere each request of a batch is refused, and nothing of it goes out") {
  const auto* const version = GENERATE(as<const char*>(), "", "2025-06-18", "2025-11-25");
  CAPTURE(version);
  RawServer server;
  agree(server);
  Host host(server);
  if (*version) host.initialize(version);
  host.send(batch);
  for (const char* id : {"1", "\"two\"", "3"}) {
    const std::string refusal = host.answer(id);
    CHECK(value_at(refusal, "/error/code") == "-32600");
    CHECK(text_at(refusal, "/error/message").find("2025-03-26 only") != std::string::npos);
  }
  const Lines rest = host.finish();
  REQUIRE(rest.size() == 1);
  CHECK(value_at(rest[0], "/id").empty());
  CHECK(server.count("custom/echo") + server.count("tools/call") + server.count("notifications/odd") +
            server.count("response") ==
        0);
}

TEST_CASE("A batch that is empty, or no JSON, is answered once and without an id") {
  struct Row {
    const char* text;
    const char* code;
  };
  const auto row = GENERATE(Row{"[]", "-32600"}, Row{"[ ]", "-32600"}, Row{"[{]", "-32700"},
                            Row{R"([{"jsonrpc":"2.0","id":1,"method":"ping"})", "-32700"});
  CAPTURE(row.text);
  RawServer server;
  agree(server);
  Host host(server);
  host.initialize("2025-03-26");
  host.send(row.text);
  const std::string refusal = host.next();
  CHECK(value_at(refusal, "/error/code") == row.code);
  CHECK(refusal.find("\"id\"") == std::string::npos);
  host.program.await_log("batch");
  CHECK(host.finish() == Lines{});
}
