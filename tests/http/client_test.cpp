#include "clickflow/http/client.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <thread>

#include "support/closed_port.h"
#include "support/receivers.h"
#include "support/socket_server.h"

using namespace clickflow;
using namespace clickflow::testing;
using http::fetch;
using http::make_client;
using namespace std::chrono_literals;

namespace {

// Answers every request of every connection.
SocketServer::Handler answering(std::string response) {
  return [response = std::move(response)](Peer& peer) {
    while (!peer.read_request().empty()) peer.write(response);
  };
}

}  // namespace

TEST_CASE("A request arrives as it was made") {
  std::string arrived;
  const SocketServer server([&](Peer& peer) {
    arrived = peer.read_request();
    peer.write(http_response(200, "ok"));
  });
  auto request = post(server.url("/v1/m%2Fcp?a=%20b&c=d+e"), "{\"a\":1}");
  request.headers = {{"X-One", "1"}, {"X-Two", "a b"}, {"X-One", "2"}};
  REQUIRE(fetch(*make_client({}), request, {}));
  const std::string head = arrived.substr(0, arrived.find("\r\n\r\n") + 2);
  CAPTURE(arrived);
  CHECK(head.starts_with("POST /v1/m%2Fcp?a=%20b&c=d+e HTTP/1.1\r\n"));
  CHECK(head.find("\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n") != std::string::npos);
  CHECK(head.find("\r\nX-One: 1\r\n") != std::string::npos);
  CHECK(head.find("\r\nX-One: 2\r\n") != std::string::npos);
  CHECK(head.find("\r\nX-Two: a b\r\n") != std::string::npos);
  CHECK(head.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
  CHECK(head.find("\r\nContent-Length: 7\r\n") != std::string::npos);
  CHECK(head.find("\r\nUser-Agent: clickflow-mcp/") != std::string::npos);
  CHECK(head.find("\r\nAccept-Encoding: identity\r\n") != std::string::npos);
  CHECK(arrived.ends_with("\r\n\r\n{\"a\":1}"));
}

TEST_CASE("A server is spoken to at an IPv6 address, by whose name it is called") {
  std::string arrived;
  std::optional<SocketServer> server;
  try {
    server.emplace("::1", [&](Peer& peer) {
      arrived = peer.read_request();
      peer.write(http_response(200, "ok"));
    });
  } catch (const std::exception& none) {
    SKIP("this machine has no IPv6 (" << none.what() << ")");
  }
  const auto response = fetch(*make_client({}), post(server->url()), {});
  CAPTURE(response ? "" : response.error().message());
  REQUIRE(response);
  CHECK(response->body == "ok");
  CHECK(arrived.find("\r\nHost: [::1]:" + std::to_string(server->port()) + "\r\n") != std::string::npos);
}

TEST_CASE("What the client says of itself and of the body is said once, whatever the caller adds") {
  std::string arrived;
  const SocketServer server([&](Peer& peer) {
    arrived = peer.read_request();
    peer.write(http_response(200, "ok"));
  });
  auto request = post(server.url());
  request.headers = {{"user-agent", "mine/1"}, {"Accept-Encoding", "gzip"}, {"content-Type", "text/plain"}};
  REQUIRE(fetch(*make_client({}), request, {}));
  CAPTURE(arrived);
  CHECK(arrived.find("mine/1") == std::string::npos);
  CHECK(arrived.find("gzip") == std::string::npos);
  CHECK(arrived.find("text/plain") == std::string::npos);
}

TEST_CASE("Fields of one name keep their order") {
  const SocketServer server(
      answering(http_response(200, "ok", "X-A: 1\r\nX-B: 9\r\nx-a: 2\r\nX-C: 9\r\nX-A: 3\r\nX-B: 8\r\n")));
  const auto response = fetch(*make_client({}), get(server.url()), {});
  REQUIRE(response);
  CHECK(response->head.headers.all("X-A") == std::vector<std::string_view>{"1", "2", "3"});
  CHECK(response->head.headers.all("X-B") == std::vector<std::string_view>{"9", "8"});
}

TEST_CASE("A percent sign in a header stays what it is") {
  const SocketServer server(answering(http_response(200, "ok", "Mcp-Session-Id: a%41b%2Fc%\r\n")));
  const auto response = fetch(*make_client({}), get(server.url()), {});
  REQUIRE(response);
  CHECK(response->head.headers.get("Mcp-Session-Id") == "a%41b%2Fc%");
}

TEST_CASE("An answer arrives as it was sent, with a length, in chunks or up to the end") {
  std::string body = "a\r\n";
  body += '\0';
  body += "\xff" + std::string(100'000, 'x');
  const std::string head =
      "HTTP/1.1 418 Teapot\r\nX-A: 1\r\nx-a:  2 \r\nContent-Type: text/Plain; charset=utf-8\r\n";
  const auto rest = GENERATE_COPY(
      as<std::string>{}, "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
      "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n" +
          [&] {
            char size[16];
            std::snprintf(size, sizeof size, "%zx", body.size() - 1);
            return std::string(size) + "\r\n" + body.substr(1) + "\r\n0\r\n\r\n";
          }(),
      "Connection: close\r\n\r\n" + body);
  const SocketServer server([&](Peer& peer) {
    peer.read_request();
    peer.write(head + rest);
  });
  const auto response = fetch(*make_client({}), get(server.url()), {});
  REQUIRE(response);
  CHECK(response->head.status == 418);
  CHECK(response->head.headers.all("X-A").size() == 2);
  CHECK(response->head.media_type() == "text/plain");
  CHECK((response->body == body));
}

TEST_CASE("A connection is used again") {
  const SocketServer server(answering(http_response(200, "ok")));
  const auto client = make_client({});
  for (int i = 0; i < 3; ++i) CHECK(fetch(*client, post(server.url()), {}));
  CHECK(server.requests() == 3);
  CHECK(server.connections() == 1);
}

TEST_CASE("A connection is used again after an answer without a body") {
  const auto response = GENERATE(as<std::string>{}, "HTTP/1.1 204 No Content\r\n\r\n",
                                 "HTTP/1.1 304 Not Modified\r\n\r\n", http_response(202), http_response(404));
  const SocketServer server(answering(response));
  const auto client = make_client({});
  for (int i = 0; i < 2; ++i) {
    Received received;
    CHECK(client->send(post(server.url()), received, {}));
    REQUIRE(received.head);
    CHECK(received.head->status == std::stoi(response.substr(9, 3)));
    CHECK(received.body.empty());
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("Requests at the same time have a connection each") {
  std::atomic<int> waiting = 0;
  const SocketServer server([&](Peer& peer) {
    peer.read_request();
    ++waiting;
    eventually([&] { return waiting == 4; });
    peer.write(http_response(200));
  });
  const auto client = make_client({});
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { answered += fetch(*client, post(server.url()), {}).has_value(); });
  for (auto& thread : threads) thread.join();
  CHECK(answered == 4);
  CHECK(server.connections() == 4);
}

TEST_CASE("A connection that the server has closed meanwhile is not used") {
  std::atomic<int> closed = 0;
  const SocketServer server([&](Peer& peer) {
    peer.read_request();
    peer.write(http_response(200));
    peer.close();
    ++closed;
  });
  const auto client = make_client({});
  CHECK(fetch(*client, post(server.url()), {}));
  CHECK(eventually([&] { return closed == 1; }));
  CHECK(fetch(*client, post(server.url()), {}));
  CHECK(server.connections() == 2);
  CHECK(server.requests() == 2);
}

TEST_CASE("A connection that the server wants closed is closed") {
  std::atomic<bool> closed = false;
  const SocketServer server([&](Peer& peer) {
    peer.read_request();
    peer.write(http_response(200, "ok", "Connection: close\r\n"));
    closed = peer.wait_for_close();
  });
  const auto client = make_client({});
  CHECK(fetch(*client, get(server.url()), {}));
  CHECK(eventually([&] { return closed.load(); }));
}

TEST_CASE("A connection whose end the server announces is not used again, however that is spelt") {
  const auto header =
      GENERATE(as<std::string>{}, "Connection: Close\r\n", "Connection: keep-alive, close\r\n",
               "connection: x-a\r\nConnection: CLOSE\r\n");
  CAPTURE(header);
  const SocketServer server(answering(http_response(200, "ok", header)));
  const auto client = make_client({});
  for (int i = 0; i < 2; ++i) CHECK(fetch(*client, post(server.url()), {}));
  CHECK(server.connections() == 2);
}

TEST_CASE("A connection on which it is not certain where an answer ended is not used again") {
  const auto doubtful =
      GENERATE(as<std::string>{}, "Content-Length: 2\r\nContent-Length: 7\r\n\r\nok",
               "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
  const SocketServer server([&](Peer& peer) {
    while (!peer.read_request().empty()) {
      peer.write("HTTP/1.1 200 OK\r\n" + doubtful);
      if (doubtful.ends_with("ok")) peer.write("more!");
    }
  });
  const auto client = make_client({});
  for (int i = 0; i < 2; ++i) CHECK(fetch(*client, post(server.url()), {}));
  CHECK(server.connections() == 2);
}

TEST_CASE("A connection is used for as long as the server says that it keeps one") {
  struct Row {
    const char* header;
    int connections;
  };
  const auto row = GENERATE(Row{"Keep-Alive: timeout=60\r\n", 1}, Row{"keep-alive: max=9, Timeout=60\r\n", 1},
                            Row{"Keep-Alive: timeout=1\r\n", 2}, Row{"Keep-Alive: timeout=0\r\n", 2});
  CAPTURE(row.header);
  const SocketServer server(answering(http_response(200, "ok", row.header)));
  http::ClientSettings settings;
  settings.surely_kept = 0ms;  // without such words
  const auto client = make_client(settings);
  for (int i = 0; i < 2; ++i) CHECK(fetch(*client, post(server.url()), {}));
  CHECK(server.connections() == row.connections);
}

TEST_CASE("Only what may be repeated goes out on a connection that the server is perhaps about to close") {
  const SocketServer server(answering(http_response(200, "ok")));
  http::ClientSettings settings;
  settings.surely_kept = 0ms;
  const auto client = make_client(settings);
  auto request = post(server.url());
  for (int i = 0; i < 2; ++i) CHECK(fetch(*client, request, {}));
  CHECK(server.connections() == 2);
  request.may_repeat = true;
  CHECK(fetch(*client, request, {}));
  CHECK(server.connections() == 2);
}

TEST_CASE("A request whose connection dies is lost, and is not sent a second time") {
  const bool by_reset = GENERATE(false, true);
  const SocketServer server([&](Peer& peer) {
    if (peer.read_request().find("/first") != std::string::npos) {
      peer.write(http_response(200));
      peer.read_request();  // the server closes just when the next one comes
    }
    by_reset ? peer.reset() : peer.close();
  });
  const auto client = make_client({});
  CHECK(fetch(*client, post(server.url("/first")), {}));
  const auto lost = fetch(*client, post(server.url("/second")), {});
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == ErrorCode::lost);
  CHECK(server.requests() == 2);
  CHECK(server.connections() == 1);
}

TEST_CASE("An answer that breaks off is lost, and what came of it was given") {
  struct Row {
    const char* name;
    const char* response;
    const char* body;
  };
  const auto row = GENERATE(
      Row{"before its head", "", ""}, Row{"in the status line", "HTTP/1.1 2", ""},
      Row{"in a header", "HTTP/1.1 200 OK\r\nX-A: ", ""},
      Row{"before its length", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "abc"},
      Row{"in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\nde", "abcde"},
      Row{"between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "abc"},
      Row{"with nonsense for a chunk",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n", "abc"},
      Row{"as no HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n", ""});
  CAPTURE(row.name);
  const SocketServer server([&](Peer& peer) {
    peer.read_request();
    peer.write(row.response);
  });
  Received received;
  const auto sent = make_client({})->send(post(server.url()), received, {});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::lost);
  CHECK(received.body == row.body);
  CHECK(server.requests() == 1);
}

TEST_CASE("A redirect comes as it is and is not followed") {
  const int status = GENERATE(301, 302, 303, 307, 308);
  const SocketServer server(answering(http_response(status, "moved", "Location: /elsewhere\r\n")));
  auto request = post(server.url());
  request.headers.set("Authorization", "Bearer x");
  const auto response = fetch(*make_client({}), request, {});
  REQUIRE(response);
  CHECK(response->head.status == status);
  CHECK(response->head.headers.get("Location") == "/elsewhere");
  CHECK(server.requests() == 1);
}

TEST_CASE("An interim 100 is passed over") {
  const SocketServer server(answering("HTTP/1.1 100 Continue\r\n\r\n" + http_response(200, "ok")));
  const auto response = fetch(*make_client({}), post(server.url()), {});
  REQUIRE(response);
  CHECK(response->head.status == 200);
  CHECK(response->body == "ok");
}

TEST_CASE(
    "Another interim answer is told as one, since what follows it can't be read, and the request is not sent "
    "again") {
  const int status = GENERATE(102, 103);
  const SocketServer server(answering("HTTP/1.1 " + std::to_string(status) +
                                      " Interim\r\nLink: </a>\r\n\r\n" + http_response(200, "ok")));
  Received received;
  const auto sent = make_client({})->send(post(server.url()), received, {});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::lost);
  CHECK(sent.error().what.find("interim answer (HTTP " + std::to_string(status) + ")") != std::string::npos);
  CHECK_FALSE(received.head);
  CHECK(server.requests() == 1);
}

TEST_CASE("A header that could begin another is refused, and nothing is sent") {
  const SocketServer server(answering(http_response(200)));
  using Field = std::pair<std::string, std::string>;
  const auto field =
      GENERATE(Field{"X-A", "1\r\nX-B: 2"}, Field{"X-A", "1\n"}, Field{"X-A\r\nX-B", "1"}, Field{"X A", "1"},
               Field{"", "1"}, Field{"X-A", std::string("a\0b", 3)}, Field{"X-A", "\xC3\xA9"});
  auto request = get(server.url());
  request.headers.add(field.first, field.second);
  const auto response = fetch(*make_client({}), request, {});
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::invalid_input);
  CHECK(response.error().message().find('\n') == std::string::npos);
  CHECK(server.connections() == 0);
}

TEST_CASE("A header with a control character never reaches the receiver") {
  const auto field =
      GENERATE(as<std::string>{},
               "X-A: a\x01"
               "b\r\n",
               "X-A: b\x1b[31m\r\n", "X-A: a\nb\r\n", "X-A: a\rb\r\n", std::string("X-A: a\0b\r\n", 10));
  const SocketServer server(answering(http_response(200, "ok", field)));
  Received received;
  const auto sent = make_client({})->send(get(server.url()), received, {});
  if (received.head) CHECK_FALSE(received.head->headers.get("X-A"));
  if (!sent) CHECK(sent.error().code == ErrorCode::lost);
}

TEST_CASE("Where nobody listens the server is unreachable, in words that name it") {
  const ClosedPort closed;
  const std::string address = "127.0.0.1:" + std::to_string(closed.number());
  const auto response = fetch(*make_client({}), get(Url::parse("http://" + address + "/").value()), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unreachable);
  CHECK(response.error().what == address + " can't be reached.");
}

TEST_CASE("A receiver that does not want the body ends the exchange") {
  const SocketServer server(answering(http_response(200, "body")));
  const auto client = make_client({});
  Received received;
  received.wants_body = false;
  const auto sent = client->send(get(server.url()), received, {});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::cancelled);
  CHECK(received.body.empty());
  CHECK(fetch(*client, get(server.url()), {}).value().body == "body");
}

TEST_CASE("A body beyond the limit is refused, and one of just that length is not") {
  const SocketServer server(answering(http_response(200, "0123456789")));
  const auto client = make_client({});
  CHECK(fetch(*client, get(server.url()), {}, 10).value().body == "0123456789");
  const auto response = fetch(*client, get(server.url()), {}, 9);
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::protocol);
}

TEST_CASE("The media type is that of Content-Type without parameters, in lower case") {
  struct Row {
    const char* value;
    const char* type;
  };
  const auto row = GENERATE(Row{"text/event-stream", "text/event-stream"},
                            Row{"Application/JSON; charset=UTF-8", "application/json"},
                            Row{" text/html ;x", "text/html"}, Row{"", ""}, Row{";", ""});
  CHECK(http::ResponseHead{200, {{"content-type", row.value}}}.media_type() == row.type);
  CHECK(http::ResponseHead{}.media_type().empty());
}

TEST_CASE("Retry-After counts where it is a number of seconds") {
  auto after = [](std::string value) {
    return http::ResponseHead{503, {{"Retry-After", std::move(value)}}}.retry_after();
  };
  CHECK(after("120") == 120);
  CHECK(after("0") == 0);
  for (const char* value : {"", "-1", "1.5", "5s", " 5", "99999999999", "Wed, 21 Oct 2015 07:28:00 GMT"}) {
    CAPTURE(value);
    CHECK_FALSE(after(value));
  }
  CHECK_FALSE(http::ResponseHead{}.retry_after());
}
