#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "clickflow/http/client.h"
#include "support/receivers.h"
#include "support/socket_server.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;
using http::make_client;
using http::Next;

namespace {

constexpr const char* chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr const char* chunk = "1\r\nx\r\n";
// A limit that is meant to be reached, and how late that may be noticed on a busy machine.
constexpr auto soon = 150ms;
constexpr auto late = 10s;

Result<void> send(const http::Request& request, Received& received, const Cancellation& cancellation = {}) {
  return make_client({})->send(request, received, cancellation);
}

}  // namespace

TEST_CASE("A server that does not answer is given up after the limit for the first byte") {
  const SocketServer server([](Peer& peer) {
    peer.read_request();
    peer.wait_for_close();
  });
  auto request = post(server.url());
  request.limits.first_byte = soon;
  Received received;
  const Stopwatch took;
  const auto sent = send(request, received);
  CHECK(took.elapsed() >= soon);
  CHECK(took.elapsed() < late);
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::timed_out);
  CHECK(sent.error().what == "127.0.0.1:" + std::to_string(server.port()) + " did not answer within 150 ms.");
}

TEST_CASE("A head that drips is no answer yet") {
  const SocketServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nX-A: ");
    while (peer.write("x")) peer.pause(20ms);
  });
  auto request = get(server.url());
  request.limits.first_byte = soon;
  Received received;
  const Stopwatch took;
  CHECK(send(request, received).error().code == ErrorCode::timed_out);
  CHECK(took.elapsed() < late);
  CHECK_FALSE(received.head);
}

TEST_CASE("A server that does not read the request is given up as well") {
  const SocketServer server([](Peer& peer) { peer.pause(10s); });
  auto request = post(server.url(), std::string(16 * 1024 * 1024, 'x'));
  request.limits.first_byte = soon;
  Received received;
  const Stopwatch took;
  CHECK(send(request, received).error().code == ErrorCode::timed_out);
  CHECK(took.elapsed() < late);
}

TEST_CASE("A server that falls silent in the middle is given up after the limit for silence") {
  const SocketServer server([](Peer& peer) {
    peer.read_request();
    peer.write(std::string(chunked_head) + chunk);
    peer.wait_for_close();
  });
  auto request = post(server.url());
  request.limits.silence = soon;
  Received received;
  const Stopwatch took;
  const auto sent = send(request, received);
  CHECK(took.elapsed() >= soon);
  CHECK(took.elapsed() < late);
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::timed_out);
  CHECK(received.body == "x");
}

TEST_CASE("A stream that is never silent for long may go on beyond every limit but that on the whole") {
  const SocketServer server([](Peer& peer) {
    peer.read_request();
    peer.write(chunked_head);
    for (int i = 0; i < 12; ++i) {
      peer.write(chunk);
      peer.pause(60ms);
    }
    peer.write("0\r\n\r\n");
  });
  auto request = post(server.url());
  request.limits.first_byte = request.limits.silence = 600ms;
  Received received;
  const Stopwatch took;
  CHECK(send(request, received));
  CHECK(took.elapsed() > 600ms);
  CHECK(received.body.size() == 12);
}

TEST_CASE("An answer that does not end is given up after the limit on the whole") {
  const SocketServer server([](Peer& peer) {
    peer.read_request();
    peer.write(chunked_head);
    while (peer.write(chunk)) peer.pause(10ms);
  });
  auto request = post(server.url());
  request.limits.whole = 300ms;
  Received received;
  const Stopwatch took;
  const auto sent = send(request, received);
  CHECK(took.elapsed() >= 300ms);
  CHECK(took.elapsed() < late);
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::timed_out);
}

TEST_CASE("The limit on the whole holds before the first byte, too") {
  const SocketServer server([](Peer& peer) {
    peer.read_request();
    peer.wait_for_close();
  });
  auto request = post(server.url());
  request.limits.whole = soon;
  Received received;
  const Stopwatch took;
  CHECK(send(request, received).error().code == ErrorCode::timed_out);
  CHECK(took.elapsed() < late);
}

TEST_CASE(
    "A TLS handshake that does not end is given up after the limit for the connection, and nothing was "
    "sent") {
  const SocketServer server([](Peer& peer) { peer.wait_for_close(); });
  auto request = post(Url::parse("https://127.0.0.1:" + std::to_string(server.port()) + "/").value());
  request.limits.connect = soon;
  Received received;
  const Stopwatch took;
  const auto sent = send(request, received);
  CHECK(took.elapsed() < late);
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::unreachable);
}

TEST_CASE("The time that the receiver takes for itself is not the server's") {
  const SocketServer server([](Peer& peer) {
    peer.read_request();
    peer.write(std::string(chunked_head) + chunk);
    peer.pause(20ms);
    peer.write(std::string(chunk) + "0\r\n\r\n");
  });
  auto request = post(server.url());
  request.limits.silence = 250ms;
  Received received([](std::string_view) {
    std::this_thread::sleep_for(400ms);
    return Next::more;
  });
  CHECK(send(request, received));
  CHECK(received.body == "xx");
}

TEST_CASE("A request that is cancelled beforehand is not sent") {
  const SocketServer server([](Peer& peer) { peer.read_request(); });
  const Cancellation cancellation;
  cancellation.cancel();
  Received received;
  CHECK(send(post(server.url()), received, cancellation).error().code == ErrorCode::cancelled);
  CHECK(server.connections() == 0);
}

TEST_CASE("A request that is cancelled while the connection is made is not sent") {
  const SocketServer server([](Peer& peer) { peer.wait_for_close(); });
  auto request = post(Url::parse("https://127.0.0.1:" + std::to_string(server.port()) + "/").value());
  request.limits.connect = 2s;
  const Cancellation cancellation;
  std::thread canceller([&] {
    eventually([&] { return server.connections() == 1; });
    cancellation.cancel();
  });
  Received received;
  const Stopwatch took;
  CHECK(send(request, received, cancellation).error().code == ErrorCode::cancelled);
  CHECK(took.elapsed() < late);
  canceller.join();
}

TEST_CASE("A request that is cancelled before its answer ends at once") {
  const Cancellation cancellation;
  const SocketServer server([&](Peer& peer) {
    peer.read_request();
    cancellation.cancel();
    peer.wait_for_close();
  });
  Received received;
  const Stopwatch took;
  CHECK(send(post(server.url()), received, cancellation).error().code == ErrorCode::cancelled);
  CHECK(took.elapsed() < late);
  CHECK_FALSE(received.head);
}

TEST_CASE("A request that is cancelled in the middle of its answer ends at once") {
  const Cancellation cancellation;
  const SocketServer server([&](Peer& peer) {
    peer.read_request();
    peer.write(std::string(chunked_head) + chunk);
    peer.wait_for_close();
  });
  Received received;
  std::thread canceller;
  received.on_piece = [&](std::string_view) {
    canceller = std::thread([&] {
      std::this_thread::sleep_for(20ms);
      cancellation.cancel();
    });
    return Next::more;
  };
  const Stopwatch took;
  CHECK(send(post(server.url()), received, cancellation).error().code == ErrorCode::cancelled);
  CHECK(took.elapsed() < late);
  CHECK(received.body == "x");
  canceller.join();
}

TEST_CASE("To cancel what has ended changes nothing") {
  const SocketServer server([](Peer& peer) {
    while (!peer.read_request().empty()) peer.write(http_response(200, "ok"));
  });
  const auto client = make_client({});
  const Cancellation cancellation;
  CHECK(http::fetch(*client, get(server.url()), cancellation));
  cancellation.cancel();
  CHECK(http::fetch(*client, get(server.url()), {}));
  CHECK(server.connections() == 1);
}

TEST_CASE("To cancel one request does not touch another on the same client") {
  std::atomic<int> waiting = 0;
  const Cancellation cancellation;
  const SocketServer server([&](Peer& peer) {
    const bool stays = peer.read_request().find("/stays") != std::string::npos;
    ++waiting;
    eventually([&] { return waiting == 2; });
    if (!stays) cancellation.cancel();
    if (stays) peer.pause(50ms);
    stays ? peer.write(http_response(200)) : peer.wait_for_close();
  });
  const auto client = make_client({});
  Result<http::Response> other = fail(ErrorCode::system, "", "");
  std::thread thread([&] { other = http::fetch(*client, post(server.url("/stays")), {}); });
  CHECK(http::fetch(*client, post(server.url("/goes")), cancellation).error().code == ErrorCode::cancelled);
  thread.join();
  CHECK(other);
}

TEST_CASE("A receiver that has enough leaves the connection fit for use") {
  const SocketServer server([](Peer& peer) {
    while (!peer.read_request().empty()) {
      peer.write(std::string(chunked_head) + chunk);
      peer.pause(30ms);
      peer.write("4\r\nrest\r\n0\r\n\r\n");
    }
  });
  const auto client = make_client({});
  for (int i = 0; i < 2; ++i) {
    Received received([](std::string_view) { return Next::enough; });
    CHECK(client->send(post(server.url()), received, {}));
    CHECK(received.body == "x");
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("A receiver that has enough waits a second for the end and no longer") {
  const SocketServer server([](Peer& peer) {
    peer.read_request();
    peer.write(std::string(chunked_head) + chunk);
    while (peer.write(chunk)) peer.pause(50ms);
  });
  const auto client = make_client({});
  Received received([](std::string_view) { return Next::enough; });
  const Stopwatch took;
  CHECK(client->send(post(server.url()), received, {}));
  CHECK(took.elapsed() < late);
  CHECK(received.body == "x");
}

TEST_CASE("A receiver that stops ends the exchange, and its connection with it") {
  std::atomic<bool> closed = false;
  const SocketServer server([&](Peer& peer) {
    peer.read_request();
    peer.write(std::string(chunked_head) + chunk);
    closed = peer.wait_for_close();
  });
  Received received([](std::string_view) { return Next::stop; });
  CHECK(send(post(server.url()), received).error().code == ErrorCode::cancelled);
  CHECK(eventually([&] { return closed.load(); }));
}
