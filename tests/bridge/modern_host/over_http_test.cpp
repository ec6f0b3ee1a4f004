#include <catch2/catch_test_macros.hpp>
#include <condition_variable>
#include <map>
#include <mutex>

#include "clickflow/remote/session_http.h"
#include "support/modern_host_rig.h"
#include "support/scripted_tokens.h"
#include "support/socket_server.h"

using namespace clickflow;
using namespace clickflow::testing;

// The whole way over a socket: the other tests play the session.
namespace {

const std::string stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

std::string event(const std::string& data) {
  return "data: " + data + "\n\n";
}

// A server that asks one question in a call, on the call's stream or on its own.
class AskingServer {
 public:
  explicit AskingServer(bool on_its_own_stream) : on_its_own_stream_(on_its_own_stream) {}

  Url url() const { return server_.url(); }
  int calls() {
    std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  void handle(Peer& peer) {
    for (;;) {
      const std::string request = peer.read_request();
      if (request.empty()) return;
      if (request.starts_with("GET")) return open_stream(peer);
      if (request.starts_with("POST")) {
        if (!take(peer, request)) return;
      } else {
        peer.write(http_response(200));
      }
    }
  }

  // False where the answer was a stream: it ends with the connection.
  bool take(Peer& peer, const std::string& request) {
    const auto said = message(request.substr(request.find("\r\n\r\n") + 4));
    if (said.method() == "initialize") {
      peer.write(
          http_response(200,
                        mcp::make_result(said.id(), R"({"protocolVersion":"2025-11-25","capabilities":)"
                                                    R"({"tools":{"listChanged":true}}})"),
                        "Content-Type: application/json\r\nMcp-Session-Id: s\r\n"));
    } else if (said.is_request()) {
      carry_out(peer, said);
      return false;
    } else {
      peer.write(http_response(202));
      if (said.is_response()) set(answer_, std::string(said.result()));
    }
    return true;
  }

  void carry_out(Peer& peer, const mcp::Message& call) {
    {
      std::lock_guard lock(mutex_);
      ++calls_;
    }
    peer.write(stream_head);
    const std::string question = request_text("5", "roots/list");
    if (on_its_own_stream_) {
      set(question_, question);
    } else {
      peer.write(event(question));
    }
    peer.write(event(mcp::make_result(call.id(), R"({"answer":)" + await(answer_) + "}")));
  }

  void open_stream(Peer& peer) {
    peer.write(stream_head);
    peer.write(event(notification_text("notifications/tools/list_changed")));
    if (on_its_own_stream_) peer.write(event(await(question_)));
    peer.wait_for_close();
  }

  void set(std::string& what, std::string value) {
    std::lock_guard lock(mutex_);
    what = std::move(value);
    changed_.notify_all();
  }
  std::string await(const std::string& what) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return !what.empty(); });
    return what.empty() ? "null" : what;
  }

  const bool on_its_own_stream_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string question_, answer_;
  int calls_ = 0;
  SocketServer server_{[this](Peer& peer) { handle(peer); }};
};

}  // namespace

TEST_CASE(
    "Over HTTP, a question comes by the call's stream or the session's own, and its answer goes by a POST") {
  for (const bool on_its_own_stream : {false, true}) {
    CAPTURE(on_its_own_stream);
    AskingServer server(on_its_own_stream);
    const auto http = http::make_client({});
    ScriptedTokens tokens({"token"});
    remote::AuthorizedClient authorized(*http, tokens, server.url());
    bridge::ModernHostTranslator translator([&] {
      return std::make_unique<remote::SessionHttp>(authorized,
                                                   remote::StreamableHttpSettings{server.url(), {}, {}});
    });
    Sending first(translator, modern_request("1", "tools/call", R"("name":"x")"));
    const auto asked = first.response();
    REQUIRE(asks_for_input(asked));
    Sending retry(translator, modern_request("2", "tools/call",
                                             R"("name":"x",)" + retry_of(asked, R"({"q1":{"roots":[]}})")));
    CHECK(retry.response().result() == R"({"answer":{"roots":[]},"resultType":"complete"})");
    CHECK(server.calls() == 1);
    translator.close(std::chrono::milliseconds(patience));
  }
}
