#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "clickflow/base/file.h"
#include "clickflow/http/client.h"
#include "support/closed_port.h"
#include "support/environment_guard.h"
#include "support/receivers.h"
#include "support/socket_server.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;
using http::fetch;

namespace {

http::ClientSettings by_proxy(const std::string& proxy) {
  const auto guard = EnvironmentGuard::without_proxies();
  http::ClientSettings settings;
  settings.proxy = http::ProxySettings::from_environment(proxy).value();
  return settings;
}

std::string proxy_url(const SocketServer& server, const std::string& login = {}) {
  return "http://" + login + "127.0.0.1:" + std::to_string(server.port());
}

// user:pass@word, in base64.
constexpr const char* credentials = "Proxy-Authorization: Basic dXNlcjpwYXNzQHdvcmQ=\r\n";

}  // namespace

// The names are looked up by nobody: only the proxy hears them.

TEST_CASE(
    "An https request goes through the proxy's tunnel, which learns the target and its own credentials "
    "only") {
  const Authority authority;
  std::string arrived;
  const SocketServer target(authority.issue("api.example.test"), [&](Peer& peer) {
    arrived = peer.read_request();
    peer.write(http_response(200, "through"));
  });
  std::string asked;
  const SocketServer proxy([&](Peer& peer) {
    asked = peer.read_request();
    peer.write("HTTP/1.1 200 Connection established\r\n\r\n");
    peer.join_with(target.port());
  });
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "authority.pem", authority.pem()));
  auto settings = by_proxy(proxy_url(proxy, "user:pass%40word@"));
  settings.ca_file = (folder / "authority.pem").string();

  auto request = post(Url::parse("https://api.example.test:8443/v1/mcp").value());
  request.headers.set("Authorization", "Bearer not-for-the-proxy");
  const auto response = fetch(*http::make_client(settings), request, {});
  CAPTURE(asked, arrived, response ? "" : response.error().message());
  REQUIRE(response);
  CHECK(response->body == "through");
  CHECK(asked.starts_with("CONNECT api.example.test:8443 HTTP/1.1\r\n"));
  CHECK(asked.find(credentials) != std::string::npos);
  CHECK(asked.find("not-for-the-proxy") == std::string::npos);
  CHECK(arrived.starts_with("POST /v1/mcp HTTP/1.1\r\n"));
  CHECK(arrived.find("Authorization: Bearer not-for-the-proxy\r\n") != std::string::npos);
  CHECK(arrived.find("Proxy-Authorization") == std::string::npos);
}

TEST_CASE("The default port is named to the proxy, too") {
  std::string asked;
  const SocketServer proxy([&](Peer& peer) {
    asked = peer.read_request();
    peer.write(http_response(403));
  });
  CHECK_FALSE(fetch(*http::make_client(by_proxy(proxy_url(proxy))),
                    post(Url::parse("https://api.example.test/").value()), {}));
  CHECK(asked.starts_with("CONNECT api.example.test:443 HTTP/1.1\r\n"));
  CHECK(asked.find("Proxy-Authorization") == std::string::npos);
}

TEST_CASE("A proxy that refuses makes the server unreachable, and its answer is not taken for the server's") {
  const auto answer = GENERATE(
      as<std::string>{}, http_response(407, "who are you?", "Proxy-Authenticate: Basic realm=\"x\"\r\n"),
      http_response(503, "no"), http_response(302, "", "Location: https://portal.test/\r\n"),
      "garbage\r\n\r\n", "");
  const SocketServer proxy([&](Peer& peer) {
    peer.read_request();
    peer.write(answer);
  });
  Received received;
  const auto sent = http::make_client(by_proxy(proxy_url(proxy)))
                        ->send(post(Url::parse("https://api.example.test/").value()), received, {});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::unreachable);
  CHECK_FALSE(received.head);
  CHECK(proxy.connections() == 1);
}

TEST_CASE("An http request names its whole URL to the proxy") {
  std::string asked;
  const SocketServer proxy([&](Peer& peer) {
    asked = peer.read_request();
    peer.write(http_response(200, "through"));
  });
  const auto response = fetch(*http::make_client(by_proxy(proxy_url(proxy, "user:pass%40word@"))),
                              get(Url::parse("http://plain.example.test/a?b=c").value()), {});
  REQUIRE(response);
  CHECK(response->body == "through");
  CAPTURE(asked);
  CHECK(asked.find("GET http://plain.example.test") == 0);
  CHECK(asked.find("/a?b=c HTTP/1.1\r\n") != std::string::npos);
  CHECK(asked.find(credentials) != std::string::npos);
}

TEST_CASE("A login without a password is shown to the proxy as well") {
  const auto login = GENERATE(as<std::string>{}, "token:@", "token@");
  const auto url = GENERATE(as<std::string>{}, "https://api.example.test/", "http://plain.example.test/");
  CAPTURE(login, url);
  std::string asked;
  const SocketServer proxy([&](Peer& peer) {
    asked = peer.read_request();
    peer.write(http_response(407));
  });
  (void)fetch(*http::make_client(by_proxy(proxy_url(proxy, login))), get(Url::parse(url).value()), {});
  CHECK(asked.find("Proxy-Authorization: Basic dG9rZW46\r\n") != std::string::npos);
}

TEST_CASE("Where no proxy listens the server is unreachable, and the proxy is named") {
  const auto url = GENERATE(as<std::string>{}, "https://api.example.test/", "http://api.example.test/");
  const ClosedPort closed;
  const std::string proxy = "127.0.0.1:" + std::to_string(closed.number());
  const auto client = http::make_client(by_proxy("http://user:hunter2@" + proxy));
  const auto response = fetch(*client, post(Url::parse(url).value()), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unreachable);
  CHECK(response.error().message() ==
        "The proxy " + proxy +
            ", or api.example.test through it, can't be reached. Check --proxy and the proxy variables.");
}

TEST_CASE("A request that a proxy variable leads nowhere fails with what is wrong with that") {
  auto guard = EnvironmentGuard::without_proxies();
  guard.set("HTTPS_PROXY", "socks5://p:1");
  http::ClientSettings settings;
  settings.proxy = http::ProxySettings::from_environment(std::nullopt).value();
  const auto response =
      fetch(*http::make_client(settings), post(Url::parse("https://api.example.test/").value()), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::invalid_input);
  CHECK(response.error().message() ==
        "HTTPS_PROXY: The proxy setting names a kind of proxy that is not supported. Write it as "
        "http://host:port or http://user:password@host:port.");
}

TEST_CASE("Loopback is reached without the proxy") {
  const SocketServer proxy([](Peer& peer) { peer.read_request(); });
  const SocketServer server([](Peer& peer) {
    peer.read_request();
    peer.write(http_response(200, "direct"));
  });
  const auto response = fetch(*http::make_client(by_proxy(proxy_url(proxy))), get(server.url()), {});
  REQUIRE(response);
  CHECK(response->body == "direct");
  CHECK(proxy.connections() == 0);
}

TEST_CASE("A proxy that does not answer is given up after the limit for the connection") {
  const SocketServer proxy([](Peer& peer) {
    peer.read_request();
    peer.wait_for_close();
  });
  auto request = post(Url::parse("https://api.example.test/").value());
  request.limits.connect = 150ms;
  const Stopwatch took;
  const auto response = fetch(*http::make_client(by_proxy(proxy_url(proxy))), request, {});
  CHECK(took.elapsed() < 4s);
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unreachable);
}
