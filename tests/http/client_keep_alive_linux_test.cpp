#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <catch2/catch_test_macros.hpp>

#include "clickflow/http/client.h"
#include "support/receivers.h"
#include "support/socket_server.h"

using namespace clickflow;
using namespace clickflow::testing;

namespace {

// Of this process, to that port of loopback; -1 where there is none.
int socket_to(uint16_t port) {
  for (int socket = 0; socket < 1024; ++socket) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const bool connected = ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
    if (connected && peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) return socket;
  }
  return -1;
}

int option(int socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(socket, level, name, &value, &size);
  return value;
}

}  // namespace

TEST_CASE("A peer that has gone is found out after 30 s, whether or not it had acknowledged the request") {
  const SocketServer server([](Peer& peer) {
    peer.read_request();
    peer.write(http_response(200));
    peer.wait_for_close();
  });
  const auto client = http::make_client({});
  Received received;
  REQUIRE(client->send(get(server.url()), received, {}));
  const int socket = socket_to(server.port());  // kept for the next request
  REQUIRE(socket != -1);
  CHECK(option(socket, SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK(option(socket, IPPROTO_TCP, TCP_KEEPIDLE) +
            option(socket, IPPROTO_TCP, TCP_KEEPINTVL) * option(socket, IPPROTO_TCP, TCP_KEEPCNT) ==
        30);
  CHECK(option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT) == 30'000);
}
