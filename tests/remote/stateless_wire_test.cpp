#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "support/socket_server.h"
#include "support/stateless_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;

namespace {

const std::string stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
const std::string json_type = "Content-Type: application/json\r\n";

// A modern remote over real connections to such a server.
struct WireRig {
  explicit WireRig(SocketServer::Handler handler) : server(std::move(handler)) {}

  Result<void> send(const mcp::Message& message) {
    return remote.send(message, received, {cancellation, false, {}});
  }

  SocketServer server;
  const std::unique_ptr<http::Client> http = http::make_client({});
  ScriptedTokens tokens{{"token"}};
  remote::AuthorizedClient authorized{*http, tokens, server.url()};
  remote::StatelessHttp remote{authorized, {server.url(), {}, {}, 1024 * 1024}};
  const Cancellation cancellation;
  Collected received;
};

mcp::Message body_of(const std::string& request) {
  return message(request.substr(request.find("\r\n\r\n") + 4));
}

}  // namespace

TEST_CASE("On the wire a call's headers say what its body says") {
  std::string seen;
  WireRig rig([&](Peer& peer) {
    for (std::string text = peer.read_request(); !text.empty(); text = peer.read_request()) {
      const auto said = body_of(text);
      const std::string list =
          tool_list(tool("wetter für", R"({"city":{"type":"string","x-mcp-header":"City"}})"));
      if (said.method() == "tools/call") seen = text;
      peer.write(http_response(200, mcp::make_result(said.id(), said.method() == "tools/list" ? list : "{}"),
                               json_type));
    }
  });
  REQUIRE(rig.send(
      modern_request("7", "tools/call", R"(,"name":"wetter für","arguments":{"city":"a\r\nX-Evil: 1"})")));
  const std::string head = seen.substr(0, seen.find("\r\n\r\n") + 2);
  for (const char* line :
       {"MCP-Protocol-Version: 2026-07-28\r\n", "Mcp-Method: tools/call\r\n",
        "Mcp-Name: =?base64?d2V0dGVyIGbDvHI=?=\r\n", "Mcp-Param-City: =?base64?YQ0KWC1FdmlsOiAx?=\r\n"}) {
    CAPTURE(line, head);
    CHECK(head.find(line) != std::string::npos);
  }
  CHECK(head.find("\r\nX-Evil") == std::string::npos);
}

TEST_CASE("On the wire a request that is cancelled is one whose connection is closed, and nothing more") {
  std::atomic<bool> closed = false;
  WireRig rig([&](Peer& peer) {
    peer.read_request();
    peer.write(stream_head + sse_event(notification_text("notifications/message")));
    closed = peer.wait_for_close(patience);
  });
  std::thread canceller([&] {
    eventually([&] { return rig.server.requests() == 1; });
    rig.cancellation.cancel();
  });
  const auto sent = rig.send(modern_request("7", "prompts/get", R"(,"name":"a")"));
  canceller.join();
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::cancelled);
  CHECK(eventually([&] { return closed.load(); }));
  CHECK(rig.server.requests() == 1);
}

TEST_CASE("On the wire a subscription outlives a connection that breaks") {
  std::atomic<int> streams = 0;
  WireRig rig([&](Peer& peer) {
    const std::string id(body_of(peer.read_request()).id());
    const std::string changed =
        notification_text("notifications/tools/list_changed",
                          R"({"_meta":{"io.modelcontextprotocol/subscriptionId":)" + id + "}}");
    if (++streams == 1) {
      peer.write(stream_head + "retry: 1\n" + sse_event(changed));
      peer.pause(20ms);
      return peer.reset();
    }
    peer.write(stream_head + sse_event(changed) + sse_event(mcp::make_result(id, "{}")));
  });
  REQUIRE(
      rig.send(modern_request("7", "subscriptions/listen", R"(,"notifications":{"toolsListChanged":true})")));
  const std::string changed = notification_text("notifications/tools/list_changed",
                                                R"({"_meta":{"io.modelcontextprotocol/subscriptionId":7}})");
  CHECK(rig.received.messages == std::vector<std::string>{changed, changed, mcp::make_result("7", "{}")});
  CHECK(streams == 2);
}
