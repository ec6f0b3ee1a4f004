#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <future>
#include <thread>

#include "clickflow/base/file.h"
#include "clickflow/http/client.h"
#include "support/environment_guard.h"
#include "support/receivers.h"
#include "support/socket_server.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using namespace clickflow::testing;
using http::fetch;
using http::make_client;
using namespace std::chrono_literals;

namespace {

void answer_all(Peer& peer) {
  while (!peer.read_request().empty()) peer.write(http_response(200, "ok"));
}

// An authority of the test's own, its PEM file, and an environment that names no other.
struct Trust {
  Trust() {
    environment.set("SSL_CERT_FILE", std::nullopt);
    environment.set("SSL_CERT_DIR", std::nullopt);
    file = write("authority.pem", authority.pem());
  }
  std::string write(const std::string& name, const std::string& text) {
    REQUIRE(write_file(folder / name, text));
    return (folder / name).string();
  }

  EnvironmentGuard environment;
  TemporaryFolder folder;
  Authority authority;
  std::string file;
};

std::unique_ptr<http::Client> trusting(const std::string& file) {
  http::ClientSettings settings;
  settings.ca_file = file;
  return make_client(settings);
}

}  // namespace

TEST_CASE("A server whose authority is named by ca_file is trusted, by address and by name") {
  Trust trust;
  const SocketServer by_address(trust.authority.issue("127.0.0.1"), answer_all);
  const auto client = trusting(trust.file);
  for (int i = 0; i < 2; ++i) {
    const auto response = fetch(*client, post(by_address.url()), {});
    CAPTURE(response ? "" : response.error().message());
    REQUIRE(response);
    CHECK(response->body == "ok");
  }
  CHECK(by_address.connections() == 1);

  const SocketServer by_name(trust.authority.issue("localhost"), answer_all);
  CHECK(fetch(*client, get(Url::parse("https://localhost:" + std::to_string(by_name.port()) + "/").value()),
              {}));
}

TEST_CASE("An answer of 20 MB arrives over TLS byte for byte, with a length or in chunks") {
  Trust trust;
  std::string body;
  for (unsigned i = 0; body.size() < 20'000'000; ++i)
    body += "\r\n\xC3\xA9" + std::to_string(i * 2654435761u);
  const SocketServer server(trust.authority.issue("127.0.0.1"), [&](Peer& peer) {
    std::string request;
    while (!(request = peer.read_request()).empty()) {
      const bool in_chunks = request.starts_with("GET /chunks ");
      peer.write(
          "HTTP/1.1 200 OK\r\n" +
          (in_chunks ? "Transfer-Encoding: chunked" : "Content-Length: " + std::to_string(body.size())) +
          "\r\n\r\n");
      for (size_t at = 0; at < body.size(); at += 0x100000) {
        const std::string piece = body.substr(at, 0x100000);
        char size[16];
        std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
        peer.write(in_chunks ? size + piece + "\r\n" : piece);
      }
      if (in_chunks) peer.write("0\r\n\r\n");
    }
  });
  const auto client = trusting(trust.file);
  for (const char* target : {"/length", "/chunks"}) {
    Received received;
    CHECK(client->send(get(server.url(target)), received, {}));
    const bool same = received.body == body;  // not by CHECK(a == b), which would print them
    CHECK(same);
  }
}

TEST_CASE("A server whose authority nobody knows is not trusted, and gets nothing") {
  Trust trust;
  const SocketServer server(trust.authority.issue("127.0.0.1"), answer_all);
  const auto response = fetch(*make_client({}), post(server.url()), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unreachable);
  CHECK(response.error().what.find("is not trusted") != std::string::npos);
  CHECK(response.error().remedy.find("--ca-file") != std::string::npos);
  CHECK(server.requests() == 0);
}

TEST_CASE("Another authority than the server's is of no use") {
  Trust trust;
  const SocketServer server(Authority().issue("127.0.0.1"), answer_all);
  CHECK(fetch(*trusting(trust.file), post(server.url()), {}).error().what.find("is not trusted") !=
        std::string::npos);
  CHECK(server.requests() == 0);
}

TEST_CASE("A certificate for another host is refused, and nothing is sent") {
  Trust trust;
  const SocketServer server(trust.authority.issue("api.example.test"), answer_all);
  const auto response = fetch(*trusting(trust.file), post(server.url()), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unreachable);
  CHECK(response.error().what.find("is for another host") != std::string::npos);
  CHECK(server.requests() == 0);

  const SocketServer other_address(trust.authority.issue("127.0.0.2"), answer_all);
  CHECK_FALSE(fetch(*trusting(trust.file), post(other_address.url()), {}));
  CHECK(other_address.requests() == 0);
}

TEST_CASE("A certificate that has expired is refused in words that say so") {
  Trust trust;
  const SocketServer server(trust.authority.issue("127.0.0.1", -1), answer_all);
  const auto response = fetch(*trusting(trust.file), post(server.url()), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().what.find("expired") != std::string::npos);
  CHECK(server.requests() == 0);
}

TEST_CASE("SSL_CERT_FILE takes the place of the system's authorities, and ca_file stands beside it") {
  Trust trust;
  const SocketServer server(trust.authority.issue("127.0.0.1"), answer_all);
  const Authority other;
  const SocketServer other_server(other.issue("127.0.0.1"), answer_all);
  const std::string other_file = trust.write("other.pem", other.pem());

  trust.environment.set("SSL_CERT_FILE", trust.file);
  CHECK(fetch(*make_client({}), post(server.url()), {}));
  CHECK_FALSE(fetch(*make_client({}), post(other_server.url()), {}));
  CHECK(fetch(*trusting(other_file), post(server.url()), {}));
  CHECK(fetch(*trusting(other_file), post(other_server.url()), {}));
}

TEST_CASE("A ca_file that can't be read is told, and nothing is connected to") {
  Trust trust;
  const SocketServer server(trust.authority.issue("127.0.0.1"), answer_all);
  for (const auto& file : {(trust.folder / "none.pem").string(), trust.write("garbage.pem", "garbage")}) {
    const auto response = fetch(*trusting(file), post(server.url()), {});
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::unreachable);
    CHECK(response.error().what == "No certificate can be read from " + file + ".");
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("A server that speaks no TLS is told so") {
  const SocketServer server([](Peer& peer) {
    peer.read_some();
    peer.write(http_response(400, "plain http"));
  });
  const auto response =
      fetch(*make_client({}),
            post(Url::parse("https://127.0.0.1:" + std::to_string(server.port()) + "/").value()), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unreachable);
  CHECK(response.error().what.find("No TLS connection") != std::string::npos);
}

TEST_CASE("A TLS server that answers no farewell is not waited for") {
  Trust trust;
  const bool closes = GENERATE(true, false);
  std::promise<void> over;
  const auto end = over.get_future().share();
  const SocketServer server(trust.authority.issue("127.0.0.1"), [&](Peer& peer) {
    peer.read_request();
    peer.write(http_response(200, "ok", closes ? "Connection: close\r\n" : ""));
    end.wait();
  });
  auto client = trusting(trust.file);
  std::optional<Stopwatch> since_body;
  Received received([&](std::string_view) {
    since_body.emplace();
    return http::Next::more;
  });
  CHECK(client->send(post(server.url()), received, {}));
  if (!closes) since_body.emplace();
  if (!closes) client.reset();
  CHECK(since_body->elapsed() < 5s);
  over.set_value();
}

TEST_CASE("A request that a TLS server closes upon is not written a second time") {
  Trust trust;
  const SocketServer server(trust.authority.issue("127.0.0.1"), [](Peer& peer) {
    peer.read_request();
    peer.close();
  });
  const auto client = trusting(trust.file);
  for (int round = 1; round <= 20; ++round) {
    const auto response = fetch(*client, post(server.url()), {});
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::lost);
    REQUIRE(server.requests() == round);
  }
}

TEST_CASE("A request during which a TLS server says farewell is not written a second time") {
  Trust trust;
  std::atomic<int> begun = 0;
  const SocketServer server(trust.authority.issue("127.0.0.1"), [&](Peer& peer) {
    for (;;) {
      const std::string beginning = peer.read_some();
      if (beginning.starts_with("POST ")) {
        ++begun;
        return peer.farewell();
      }
      if (beginning.empty() || !peer.write(http_response(200))) return;
    }
  });
  const auto client = trusting(trust.file);
  // With its session tickets out of the way, the farewell is the first thing that is read.
  REQUIRE(fetch(*client, get(server.url()), {}));
  // More than the sockets between us hold: the farewell is there before the last of it is written.
  auto request = post(server.url());
  request.body.assign(16 * 1024 * 1024, 'x');
  const auto response = fetch(*client, request, {});
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::lost);
  CHECK(begun == 1);
}

TEST_CASE(
    "A TLS connection on which the server said farewell at the last moment is lost or replaced, never "
    "written twice") {
  Trust trust;
  std::atomic<int> calls = 0;
  const SocketServer server(trust.authority.issue("127.0.0.1"), [&](Peer& peer) {
    for (;;) {
      const auto request = peer.read_request();
      if (request.find("/call") != std::string::npos) ++calls;
      if (request.empty()) return;
      peer.write(http_response(200));
      if (request.find("/last") != std::string::npos) return peer.close();
    }
  });
  const auto client = trusting(trust.file);
  for (int round = 0; round < 20; ++round) {
    CHECK(fetch(*client, get(server.url("/last")), {}));
    std::this_thread::sleep_for(std::chrono::microseconds(100 * round));
    const int before = calls;
    const auto response = fetch(*client, post(server.url("/call")), {});
    if (!response) CHECK(response.error().code == ErrorCode::lost);
    CHECK(calls - before <= 1);
    if (response) CHECK(calls - before == 1);
  }
}
