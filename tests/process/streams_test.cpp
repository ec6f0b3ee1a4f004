#include <catch2/catch_test_macros.hpp>

#include "process/support/host.h"

using namespace clickflow::testing;

namespace {

const std::string changed = R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})";

}  // namespace

TEST_CASE("The server's own stream is asked for once the handshake is over") {
  RawServer server;
  Host host(server);
  host.initialize();
  const Request request = server.await("GET");
  CHECK(request.header("Accept") == "text/event-stream");
  CHECK(request.header("Mcp-Session-Id") == "session-1");
  CHECK(request.header("MCP-Protocol-Version") == "2025-11-25");
  CHECK_FALSE(request.has_header("Last-Event-ID"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A server that offers no stream is not asked again") {
  for (const int status : {405, 400, 403, 501, 200}) {
    CAPTURE(status);
    Event asked;
    RawServer server;
    server.on("GET", [&](Exchange& exchange) {
      exchange.answer(status, {}, {});
      asked.set();
    });
    Host host(server);
    host.initialize();
    CHECK(asked.wait());
    host.call("1");
    CHECK_FALSE(host.answer("1").empty());
    CHECK(host.finish() == Lines{});
    CHECK(server.count("GET") == 1);
  }
}

TEST_CASE("A stream that ends is taken up again behind the last event that was seen") {
  RawServer server;
  server.on("GET", [&](Exchange& exchange) {
    const size_t number = server.count("GET");
    exchange.begin_stream();
    exchange.stream("retry: 20\nid: event-" + std::to_string(number) + "\ndata: " + changed + "\n\n");
    switch (number) {
      case 1:
        return exchange.end_stream();
      case 2:
        return exchange.reset();
      default:
        exchange.await_close();
        exchange.close();
    }
  });
  Host host(server);
  host.initialize();
  for (int i = 0; i < 3; ++i) CHECK(host.next() == changed);
  CHECK_FALSE(server.await("GET", 1).has_header("Last-Event-ID"));
  CHECK(server.await("GET", 2).header("Last-Event-ID") == "event-1");
  CHECK(server.await("GET", 3).header("Last-Event-ID") == "event-2");
  CHECK(server.await("GET", 3).header("Mcp-Session-Id") == "session-1");
  CHECK(host.finish() == Lines{});
}

TEST_CASE("The time that the server names passes before its stream is taken up again") {
  using Clock = std::chrono::steady_clock;
  std::mutex mutex;
  std::vector<Clock::time_point> asked;
  Event again;
  RawServer server;
  server.on("GET", [&](Exchange& exchange) {
    {
      std::lock_guard lock(mutex);
      asked.push_back(Clock::now());
      if (asked.size() == 2) again.set();
    }
    exchange.begin_stream();
    exchange.stream("retry: 300\nid: 1\ndata:\n\n");
    exchange.end_stream();
  });
  Host host(server);
  host.initialize();
  REQUIRE(again.wait());
  {
    std::lock_guard lock(mutex);
    CHECK(asked[1] - asked[0] >= std::chrono::milliseconds(300));
  }
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A stream that the server does not know any more begins anew in a new session") {
  RawServer server;
  server.on("GET", [&](Exchange& exchange) {
    if (exchange.request.header("Mcp-Session-Id") == "session-1" && server.count("GET") > 1)
      return exchange.answer(404, {}, {});
    exchange.begin_stream();
    exchange.stream("retry: 10\nid: old\ndata: " + changed + "\n\n");
    if (server.count("GET") == 1) return exchange.end_stream();
    exchange.await_close();
    exchange.close();
  });
  Host host(server);
  host.initialize();
  CHECK(host.next() == changed);
  CHECK(host.next() == changed);
  CHECK(server.await("GET", 2).header("Last-Event-ID") == "old");
  const Request fresh = server.await("GET", 3);
  CHECK(fresh.header("Mcp-Session-Id") == "session-2");
  CHECK_FALSE(fresh.has_header("Last-Event-ID"));  // it belonged to the lost session
  CHECK(server.count("initialize") == 2);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("An answer on the server's own stream belongs to nobody and is dropped") {
  RawServer server;
  server.on("GET", [&](Exchange& exchange) {
    exchange.begin_stream();
    exchange.event(make_response("1", "{}"));
    exchange.event("nonsense");
    exchange.event(changed);
    exchange.await_close();
    exchange.close();
  });
  Host host(server);
  host.initialize();
  CHECK(host.next() == changed);
  host.program.await_log("nobody waits for");
  host.program.await_log("no MCP message");
  CHECK(host.finish() == Lines{});
}

namespace {

// How a stream that carries an answer may break off.
enum class Break { end, close, reset, in_event };

void break_off(Exchange& exchange, Break how) {
  switch (how) {
    case Break::end:
      return exchange.end_stream();
    case Break::close:
      return exchange.close();
    case Break::reset:
      return exchange.reset();
    case Break::in_event:
      exchange.stream("id: unfinished\ndata: {\"jsonrpc\"");
      return exchange.reset();
  }
}

}  // namespace

TEST_CASE("A call whose stream breaks off is taken up again by GET, and runs once") {
  for (const Break how : {Break::end, Break::close, Break::reset, Break::in_event}) {
    CAPTURE(static_cast<int>(how));
    RawServer server;
    server.on("tools/call", [&](Exchange& exchange) {
      exchange.begin_stream();
      exchange.stream("id: call-1\nretry: 20\ndata:\n\n");
      break_off(exchange, how);
    });
    server.on("GET", [&](Exchange& exchange) {
      if (!exchange.request.has_header("Last-Event-ID")) return exchange.answer(405, {}, {});
      exchange.begin_stream();
      exchange.event(changed, "call-2");
      // The first GET breaks off too.
      if (exchange.request.header("Last-Event-ID") == "call-2") exchange.event(make_response("1", "{}"));
      exchange.end_stream();
    });
    Host host(server);
    host.initialize();
    host.call("1");
    CHECK(host.answer("1") == make_response("1", "{}"));
    CHECK(host.next() == changed);
    CHECK(host.next() == changed);
    CHECK(server.count("tools/call") == 1);
    CHECK(host.finish() == Lines{});
    Lines resumed_behind;
    for (const Request& get : server.seen("GET")) {
      if (get.has_header("Last-Event-ID")) resumed_behind.push_back(get.header("Last-Event-ID"));
    }
    CHECK(resumed_behind == Lines{"call-1", "call-2"});
  }
}

TEST_CASE("A call whose stream cannot be taken up again ends in one answer, and runs once") {
  struct Row {
    std::string name;
    std::string id;  ///< of the event before the break
    RawServer::Handler on_get;
    size_t gets;
  };
  const Row rows[] = {
      {"without an event id", "", [](Exchange& exchange) { exchange.answer(405, {}, {}); }, 0},
      {"with an id that no header can hold", "a\x01z",
       [](Exchange& exchange) { exchange.answer(405, {}, {}); }, 0},
      {"refused", "a", [](Exchange& exchange) { exchange.answer(405, {}, {}); }, 1},
      {"forgotten", "a", [](Exchange& exchange) { exchange.answer(404, {}, {}); }, 1},
      {"empty each time", "a",
       [](Exchange& exchange) {
         exchange.begin_stream("X-A: b\r\n");
         exchange.stream("retry: 1\n\n");
         exchange.end_stream();
       },
       4},
      {"broken each time", "a", [](Exchange& exchange) { exchange.reset(); }, 4},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    RawServer server;
    server.on("tools/call", [&](Exchange& exchange) {
      exchange.begin_stream();
      exchange.stream("retry: 1\n" + (row.id.empty() ? "" : "id: " + row.id + "\n") + "data:\n\n");
      exchange.end_stream();
    });
    server.on("GET", [&](Exchange& exchange) {
      if (exchange.request.has_header("Last-Event-ID")) return row.on_get(exchange);
      exchange.answer(405, {}, {});
    });
    Host host(server);
    host.initialize();
    server.await("GET");
    host.call("1");
    const std::string answer = host.next();
    CHECK(value_at(answer, "/id") == "1");
    CHECK(text_at(answer, "/result/content/0/text").find("is not known") != std::string::npos);
    CHECK(host.finish() == Lines{});
    CHECK(server.count("tools/call") == 1);
    CHECK(server.count("GET") == 1 + row.gets);
  }
}

TEST_CASE("A cancelled call is not taken up again") {
  RawServer server;
  server.on("tools/call", [&](Exchange& exchange) {
    exchange.begin_stream();
    exchange.stream("id: a\nretry: 60000\ndata: " + changed + "\n\n");
    exchange.end_stream();
  });
  Host host(server);
  host.initialize();
  server.await("GET");  // the server's own stream
  host.call("1");
  CHECK(host.next() == changed);
  host.cancel("1");
  server.await("notifications/cancelled");
  CHECK(host.finish() == Lines{});
  CHECK(server.count("GET") == 1);
}
