#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "process/support/host.h"

using namespace clickflow::testing;

namespace {

std::string progress(int done) {
  return R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":)" +
         std::to_string(done) + "}}";
}

const std::string sampling =
    R"({"jsonrpc":"2.0","id":"s-1","method":"sampling/createMessage","params":{"messages":[],"maxTokens":5}})";

}  // namespace

TEST_CASE("A slow call holds up no other") {
  Event release;
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    if (exchange.request.param("name") == "\"slow\"") release.wait();
    exchange.result(exchange.request.param("name"));
  });
  Host host(server);
  host.initialize();
  host.call("1", "slow");
  server.await("tools/call");
  host.call("2", "quick");
  CHECK(host.next() == make_response("2", "\"quick\""));
  host.request("3", "resources/list");
  CHECK(host.next() == make_response("3", "{}"));
  host.check_quiet();
  release.set();
  CHECK(host.next() == make_response("1", "\"slow\""));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Two hundred calls at once get an answer each, and a ping among them its own at once") {
  Event release;
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    release.wait();
    exchange.result(exchange.request.id());
  });
  Host host(server);
  host.initialize();
  for (int i = 0; i < 200; ++i) host.call(std::to_string(1000 + i));
  server.await("tools/call", 128);  // as many as run side by side; the others wait for their turn
  host.check_quiet();
  release.set();
  for (int i = 0; i < 200; ++i) {
    const std::string id = std::to_string(1000 + i);
    REQUIRE(host.answer(id) == make_response(id, id));
  }
  CHECK(server.count("tools/call") == 200);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A cancelled call is given up, the server is told, and no answer comes") {
  Event given_up;
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    exchange.begin_stream();
    exchange.event(progress(1));
    if (exchange.await_close()) given_up.set();
    exchange.close();
  });
  Host host(server);
  host.initialize();
  host.call("\"long\"");
  CHECK(host.next() == progress(1));
  const std::string cancellation =
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"l\u006fng","reason":"no"}})";
  host.send(cancellation);
  CHECK(server.await("notifications/cancelled").body == cancellation);
  CHECK(given_up.wait());
  host.check_quiet();
  CHECK(host.finish() == Lines{});
}

TEST_CASE("An answer that comes after the cancellation is not passed on") {
  Event cancelled;
  Event answered;
  RawServer server;
  server.on("notifications/cancelled", [&](Exchange& exchange) {
    cancelled.set();
    // The call's answer gets ahead of the end of the cancellation.
    exchange.await_close(std::chrono::milliseconds(200));
    exchange.accept();
  });
  server.on("tools/call", [&](Exchange& exchange) {
    cancelled.wait();
    exchange.result("{}");
    answered.set();
  });
  Host host(server);
  host.initialize();
  host.call("1");
  server.await("tools/call");
  host.cancel("1");
  CHECK(answered.wait());
  host.check_quiet();
  // The id is free.
  host.call("1");
  CHECK(host.next() == make_response("1", "{}"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A call that is cancelled before its turn never reaches the server") {
  const bool makes_the_handshake = GENERATE(true, false);
  CAPTURE(makes_the_handshake);
  Event release;
  RawServer server;
  server.on("initialize", [&](Exchange& exchange) {
    release.wait();
    exchange.result(R"({"protocolVersion":"2025-11-25","capabilities":{}})");
  });
  Host host(server);
  host.request("0", "initialize");
  CHECK_FALSE(value_at(host.next(), "/result").empty());
  if (!makes_the_handshake) {
    host.notify("notifications/initialized");
    server.await("initialize");
  }
  host.call("1");  // waits for the handshake
  server.await("initialize");
  host.cancel("1");
  host.call("2");
  // A handshake that was made for the sake of the cancelled call is given up with it, and made for the next.
  if (makes_the_handshake) server.await("initialize", 2);
  host.check_quiet();
  CHECK(server.count("tools/call") == 0);
  release.set();
  CHECK_FALSE(value_at(host.next(), "/result").empty());
  CHECK(server.count("initialize") == (makes_the_handshake ? 2 : 1));
  CHECK(server.count("tools/call") == 1);
  CHECK(server.await("tools/call").id() == "2");
  CHECK(host.finish() == Lines{});
  CHECK(server.count("notifications/cancelled") == 0);
}

TEST_CASE("A cancellation of nothing is not passed on") {
  RawServer server;
  Host host(server);
  host.initialize();
  for (const char* id : {"99", "\"x\"", "null", "{}", "[1]", "true"}) host.cancel(id);
  host.notify("notifications/cancelled");
  host.notify("notifications/odd");
  server.await("notifications/odd");  // notifications keep their order
  CHECK(server.count("notifications/cancelled") == 0);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Progress and log messages pass in their order, and the answer comes last") {
  const std::string log_message =
      R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"half"}})";
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    exchange.begin_stream();
    for (int i = 0; i < 50; ++i) exchange.event(progress(i));
    exchange.event(log_message);
    exchange.event(make_response(exchange.request.id(), "{}"));
    exchange.end_stream();
  });
  Host host(server);
  host.initialize();
  host.call("1");
  for (int i = 0; i < 50; ++i) CHECK(host.next() == progress(i));
  CHECK(host.next() == log_message);
  CHECK(host.next() == make_response("1", "{}"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("Progress reaches the host when it happens, not when the call ends") {
  Event seen;
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    exchange.begin_stream();
    exchange.event(progress(1));
    seen.wait();
    exchange.event(make_response(exchange.request.id(), "{}"));
    exchange.end_stream();
  });
  Host host(server);
  host.initialize();
  host.call("1");
  CHECK(host.next() == progress(1));
  seen.set();
  CHECK(host.next() == make_response("1", "{}"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A request of the server's in the middle of a call is answered by the host, and the call goes on") {
  for (const std::string& answer :
       {make_response("\"s-1\"", R"({"role":"assistant"})"),
        std::string(R"({"jsonrpc":"2.0","id":"s-1","error":{"code":-1,"message":"no"}})")}) {
    CAPTURE(answer);
    RawServer server;
    server.on("tools/call", [&](Exchange& exchange) {
      exchange.begin_stream();
      exchange.event(sampling);
      const Request said = server.await("response");
      exchange.event(make_response(exchange.request.id(), json_string(said.body)));
      exchange.end_stream();
    });
    Host host(server);
    host.initialize();
    host.call("1");
    CHECK(host.next() == sampling);
    host.send(answer);
    CHECK(host.next() == make_response("1", json_string(answer)));
    CHECK(server.await("response").header("Mcp-Session-Id") == "session-1");
    CHECK(host.finish() == Lines{});
  }
}

TEST_CASE("Whatever the server starts on its own stream reaches the host as it is") {
  const Lines said{sampling,
                   R"({"jsonrpc":"2.0","id":1,"method":"roots/list"})",
                   R"({"jsonrpc":"2.0","id":2,"method":"ping"})",
                   R"({"jsonrpc":"2.0","id":"e","method":"elicitation/create","params":{"message":"?"}})",
                   R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})",
                   R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:b"}})"};
  RawServer server;
  server.on("GET", [&](Exchange& exchange) {
    exchange.begin_stream();
    for (const auto& message : said) exchange.event(message);
    exchange.await_close();
    exchange.close();
  });
  Host host(server);
  host.initialize();
  for (const auto& message : said) CHECK(host.next() == message);
  host.send(make_response("2", "{}"));
  CHECK(server.await("response").body == make_response("2", "{}"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("The host's notifications and answers keep their order") {
  RawServer server;
  Host host(server);
  host.initialize();
  host.call("\"first\"");
  CHECK_FALSE(host.next().empty());  // the handshake is over: answers that come earlier answer nothing
  for (int i = 0; i < 30; ++i) host.send(make_response(std::to_string(i), "{}"));
  server.await("response", 30);
  int expected = 0;
  for (const auto& request : server.seen("response")) CHECK(request.id() == std::to_string(expected++));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A notification that the server is slow to take holds up no call") {
  Event release;
  RawServer server;
  server.on("notifications/odd", [&](Exchange& exchange) {
    release.wait();
    exchange.accept();
  });
  Host host(server);
  host.initialize();
  host.notify("notifications/odd");
  server.await("notifications/odd");
  host.call("1");
  CHECK_FALSE(value_at(host.next(), "/result").empty());
  // A cancelled call is not answered, even while the server cannot be told yet.
  server.on("tools/call", [&](Exchange& exchange) {
    release.wait();
    exchange.result("{}");
  });
  host.call("2");
  server.await("tools/call", 2);
  host.cancel("2");
  host.check_quiet();
  release.set();
  server.await("notifications/cancelled");
  CHECK(host.finish() == Lines{});
}

TEST_CASE(
    "What needs the server waits until that has answered initialize, and then until it has taken "
    "initialized") {
  Event answer, accept;
  RawServer server;
  server.on("initialize", [&](Exchange& exchange) {
    answer.wait();
    exchange.result(R"({"protocolVersion":"2025-11-25","capabilities":{}})", "Mcp-Session-Id: s\r\n");
  });
  server.on("notifications/initialized", [&](Exchange& exchange) {
    accept.wait();
    exchange.accept();
  });
  const auto sent_too_early = [&] {
    return server.count("tools/call") + server.count("tools/list") + server.count("notifications/odd") +
           server.count("GET");
  };
  Host host(server);
  host.request("0", "initialize");
  host.notify("notifications/initialized");
  host.call("1");
  host.request("2", "tools/list");
  host.notify("notifications/odd");
  server.await("initialize");
  CHECK_FALSE(value_at(host.next(), "/result").empty());  // the host does not wait
  host.check_quiet();
  CHECK(server.count("notifications/initialized") + sent_too_early() == 0);
  answer.set();
  server.await("notifications/initialized");
  host.check_quiet();
  CHECK(sent_too_early() == 0);
  accept.set();
  CHECK_FALSE(value_at(host.answer("1"), "/result").empty());
  CHECK_FALSE(value_at(host.answer("2"), "/result").empty());
  for (const char* what : {"tools/call", "tools/list", "notifications/odd", "GET"})
    CHECK(server.await(what).header("Mcp-Session-Id") == "s");
  CHECK(host.finish() == Lines{});
  CHECK(server.count("initialize") == 1);
  CHECK(server.count("notifications/initialized") == 1);
}
