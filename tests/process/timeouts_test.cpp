#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "process/support/host.h"
#include "support/says.h"

using namespace clickflow::testing;

namespace {

std::string text_of(const std::string& answer) {
  return text_at(answer, "/result/content/0/text");
}

// A port whose connections nobody takes: what is sent there is never read. Where the queue of those that wait
// is full, no connection is made at all.
class DeafPort {
 public:
  explicit DeafPort(bool full) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const bytes = reinterpret_cast<sockaddr*>(&address);
    ::bind(listener_, bytes, size);
    ::listen(listener_, full ? 0 : 8);
    ::getsockname(listener_, bytes, &size);
    port_ = ntohs(address.sin_port);
    for (const int socket : fillers_) {
      ::fcntl(socket, F_SETFL, O_NONBLOCK);
      if (full) ::connect(socket, bytes, size);
    }
  }
  ~DeafPort() {
    ::close(listener_);
    for (const int socket : fillers_) ::close(socket);
  }
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/mcp"; }

 private:
  static int make() { return ::socket(AF_INET, SOCK_STREAM, 0); }

  const int listener_ = make();
  const int fillers_[3] = {make(), make(), make()};
  int port_ = 0;
};

}  // namespace

TEST_CASE("A connection that is not accepted in time is given up") {
  const DeafPort port(true);
  const RawServer server;
  Host host(server, {"--url", port.url(), "--connect-timeout", "0.3"});
  host.call("1");
  CHECK(says(text_of(host.next()), "did not accept a connection within 300 ms"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("An answer that does not begin in time is given up") {
  RawServer server;
  server.on("tools/call", [](Exchange& exchange) {
    exchange.await_close();
    exchange.close();
  });
  Host host(server, {"--first-byte-timeout", "2"});
  host.initialize();
  host.call("1");
  const std::string text = text_of(host.next());
  CHECK(says(text, "did not answer within 2 s"));
  CHECK(says(text, "--first-byte-timeout"));
  CHECK(host.finish() == Lines{});
  CHECK(server.count("tools/call") == 1);
}

TEST_CASE("An answer that falls silent is given up, in whatever way its end would be told") {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
  for (const std::string& begun :
       {head + "\r\ndata: {", head + "Content-Length: 100\r\n\r\ndata: {",
        head + "Transfer-Encoding: chunked\r\n\r\n7\r\ndata: {\r\n",
        std::string("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"jsonrpc\":")}) {
    CAPTURE(begun);
    RawServer server;
    server.on("tools/call", [&](Exchange& exchange) {
      exchange.send(begun);
      exchange.await_close();
      exchange.close();
    });
    Host host(server, {"--silence-timeout", "0.3"});
    host.initialize();
    host.call("1");
    const std::string text = text_of(host.next());
    CHECK(says(text, "fell silent for 300 ms"));
    CHECK(says(text, "--silence-timeout"));
    CHECK(host.finish() == Lines{});
  }
}

TEST_CASE("A call that goes on and on is given up, however alive it is") {
  RawServer server;
  server.on("tools/call", [](Exchange& exchange) {
    exchange.begin_stream();
    while (!exchange.await_close(std::chrono::milliseconds(20))) exchange.stream(": alive\n\n");
    exchange.close();
  });
  Host host(server, {"--call-timeout", "3", "--silence-timeout", "2"});
  host.initialize();
  host.call("1");
  const std::string text = text_of(host.next());
  CHECK(says(text, "did not finish within 3 s"));
  CHECK(says(text, "--call-timeout"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A call whose stream is taken up again and again ends with the time for the whole") {
  RawServer server;
  const auto bit = [&](Exchange& exchange) {
    exchange.begin_stream();
    exchange.stream("retry: 50\nid: " + std::to_string(server.count("GET")) + "\ndata:\n\n");
    exchange.end_stream();
  };
  server.on("tools/call", bit);
  server.on("GET", [&](Exchange& exchange) {
    if (exchange.request.has_header("Last-Event-ID")) return bit(exchange);
    exchange.answer(405, {}, {});
  });
  Host host(server, {"--call-timeout", "0.5"});
  host.initialize();
  host.call("1");
  CHECK(says(text_of(host.next()), "--call-timeout"));
  CHECK(server.count("tools/call") == 1);
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A peer that reads nothing of a large request is given up") {
  const DeafPort port(false);
  const RawServer server;
  Host host(server, {"--url", port.url(), "--first-byte-timeout", "2"});
  host.request("1", "tools/call",
               R"({"name":"work","arguments":{"text":")" + std::string(12 << 20, 'x') + "\"}}");
  CHECK(says(text_of(host.next()), "did not answer within 2 s"));
  CHECK(host.finish() == Lines{});
}

TEST_CASE("A time limit that has passed for one call is nothing to the next") {
  RawServer server;
  server.on("tools/call", [](Exchange& exchange) {
    if (exchange.request.id() == "2") return exchange.result("{}");
    exchange.await_close();
    exchange.close();
  });
  Host host(server, {"--first-byte-timeout", "2"});
  host.initialize();
  host.call("1");
  host.call("2");
  CHECK(host.answer("2") == make_response("2", "{}"));
  CHECK(value_at(host.answer("1"), "/result/isError") == "true");
  host.call("2");
  CHECK(host.next() == make_response("2", "{}"));
  CHECK(host.finish() == Lines{});
}
