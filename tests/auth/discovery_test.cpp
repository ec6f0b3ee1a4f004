#include "clickflow/auth/discovery.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/fake_http.h"
#include "support/json.h"

using namespace clickflow;
using namespace clickflow::auth;
using clickflow::testing::Answer;
using clickflow::testing::FakeHttp;
using Lines = std::vector<std::string>;

namespace {

const Url clickflow_endpoint = *Url::parse("https://api.clickflow.com/v1/mcp");
const std::string issuer = "https://app.clerk.accounts.dev";

std::string resource_document(const std::string& resource,
                              const std::vector<std::string>& issuers = {issuer}) {
  return to_text({{"resource", resource}, {"authorization_servers", issuers}});
}

std::string server_document(const std::string& name = issuer) {
  const std::string base = name.ends_with('/') ? name.substr(0, name.size() - 1) : name;
  return to_text({{"issuer", name},
                  {"authorization_endpoint", base + "/authorize"},
                  {"token_endpoint", base + "/token"},
                  {"code_challenge_methods_supported", {"S256"}}});
}

Answer ok(std::string body) {
  return {.status = 200, .body = std::move(body), .headers = {}, .failure = {}};
}

Answer status(int number) {
  return {.status = number, .body = {}, .headers = {}, .failure = {}};
}

std::optional<http::Challenge> challenge(const std::string& field) {
  return http::bearer_challenge({{"WWW-Authenticate", field}});
}

Result<Discovery> find(FakeHttp& http, const Url& endpoint,
                       const std::optional<http::Challenge>& refusal = {}, std::string_view preferred = {}) {
  return discover(http, endpoint, refusal, preferred, {});
}

}  // namespace

TEST_CASE("ClickFlow's 401 leads straight to its sign-in server") {
  FakeHttp http;
  http.answer("GET https://api.clickflow.com/v1/.well-known/oauth-protected-resource",
              ok(resource_document("https://api.clickflow.com/v1/mcp")));
  http.answer("GET https://app.clerk.accounts.dev/.well-known/oauth-authorization-server",
              ok(server_document()));
  const auto found = find(
      http, clickflow_endpoint,
      challenge(
          R"(Bearer resource_metadata="https://api.clickflow.com/v1/.well-known/oauth-protected-resource")"));
  REQUIRE(found);
  CHECK(found->resource == "https://api.clickflow.com/v1/mcp");
  CHECK(found->server.issuer == issuer);
  CHECK_FALSE(found->resource_scopes);
  CHECK(http.request(0) ==
        "GET https://api.clickflow.com/v1/.well-known/oauth-protected-resource\n"
        "Accept: application/json\n"
        "MCP-Protocol-Version: 2025-11-25\n"
        "\n");
  CHECK(http.asked().size() == 2);
}

TEST_CASE(
    "Without a URL in the challenge the places are asked in the specification's order, ClickFlow's last") {
  FakeHttp http;
  http.answer("GET https://api.clickflow.com/v1/.well-known/oauth-protected-resource",
              ok(resource_document("https://api.clickflow.com/v1/mcp")));
  http.answer("GET https://app.clerk.accounts.dev/.well-known/oauth-authorization-server",
              ok(server_document()));
  REQUIRE(find(http, clickflow_endpoint, challenge("Bearer")));
  CHECK(http.asked() == Lines{"GET https://api.clickflow.com/.well-known/oauth-protected-resource/v1/mcp",
                              "GET https://api.clickflow.com/.well-known/oauth-protected-resource",
                              "GET https://api.clickflow.com/v1/.well-known/oauth-protected-resource",
                              "GET https://app.clerk.accounts.dev/.well-known/oauth-authorization-server"});
}

TEST_CASE("No place is asked twice") {
  FakeHttp http;
  SECTION("at the root all are one") {
    CHECK(find(http, *Url::parse("https://example.com/")));
    CHECK(http.asked() == Lines{"GET https://example.com/.well-known/oauth-protected-resource",
                                "GET https://example.com/.well-known/oauth-authorization-server",
                                "GET https://example.com/.well-known/openid-configuration"});
  }
  SECTION("one segment down the last two are one") {
    CHECK(find(http, *Url::parse("https://example.com/mcp/")));
    CHECK(http.count("GET https://example.com/.well-known/oauth-protected-resource") == 1);
    CHECK(http.count("GET https://example.com/.well-known/oauth-protected-resource/mcp") == 1);
  }
  SECTION("what the challenge named is not guessed again") {
    CHECK_FALSE(find(
        http, *Url::parse("https://example.com/mcp"),
        challenge(R"(Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource")")));
    CHECK(http.asked() == Lines{"GET https://example.com/.well-known/oauth-protected-resource",
                                "GET https://example.com/.well-known/oauth-protected-resource/mcp"});
  }
}

TEST_CASE("An issuer with a path is asked at three places, in the specification's order") {
  FakeHttp http;
  const std::string tenant = "https://auth.example.com/tenant1";
  http.answer("GET https://example.com/.well-known/oauth-protected-resource/mcp",
              ok(resource_document("https://example.com/mcp", {tenant})));
  http.answer("GET https://auth.example.com/tenant1/.well-known/openid-configuration",
              ok(server_document(tenant)));
  const auto found = find(http, *Url::parse("https://example.com/mcp"));
  REQUIRE(found);
  CHECK(found->server.issuer == tenant);
  CHECK(http.asked() == Lines{"GET https://example.com/.well-known/oauth-protected-resource/mcp",
                              "GET https://auth.example.com/.well-known/oauth-authorization-server/tenant1",
                              "GET https://auth.example.com/.well-known/openid-configuration/tenant1",
                              "GET https://auth.example.com/tenant1/.well-known/openid-configuration"});
}

TEST_CASE("An issuer without a path is asked at two places") {
  FakeHttp http;
  http.answer("GET https://example.com/.well-known/oauth-protected-resource/mcp",
              ok(resource_document("https://example.com/mcp")));
  const auto found = find(http, *Url::parse("https://example.com/mcp"));
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ErrorCode::protocol);
  CHECK(http.asked() == Lines{"GET https://example.com/.well-known/oauth-protected-resource/mcp",
                              "GET https://app.clerk.accounts.dev/.well-known/oauth-authorization-server",
                              "GET https://app.clerk.accounts.dev/.well-known/openid-configuration"});
}

TEST_CASE("A slash at the issuer's end is dropped from the place and kept in the comparison") {
  FakeHttp http;
  const auto name =
      GENERATE(std::string("https://auth.example.com/t/"), std::string("https://auth.example.com/t"));
  http.answer("GET https://example.com/.well-known/oauth-protected-resource/mcp",
              ok(resource_document("https://example.com/mcp", {"https://auth.example.com/t/"})));
  http.answer("GET https://auth.example.com/.well-known/oauth-authorization-server/t",
              ok(server_document(name)));
  CHECK(find(http, *Url::parse("https://example.com/mcp")).has_value() == name.ends_with('/'));
}

TEST_CASE("A document of another issuer is not used, nor is the next place's worse one") {
  FakeHttp http;
  http.answer("GET https://example.com/.well-known/oauth-protected-resource/mcp",
              ok(resource_document("https://example.com/mcp")));
  http.answer("GET https://app.clerk.accounts.dev/.well-known/oauth-authorization-server",
              ok(server_document("https://honest.example")));
  const auto found = find(http, *Url::parse("https://example.com/mcp"));
  REQUIRE_FALSE(found);
  CHECK(found.error().what.find("another one") != std::string::npos);
}

TEST_CASE("A page that is no JSON where metadata should be is passed over") {
  FakeHttp http;
  http.answer("GET https://example.com/.well-known/oauth-protected-resource/mcp", ok("<html>app</html>"));
  http.answer("GET https://example.com/.well-known/oauth-protected-resource",
              ok(resource_document("https://example.com")));
  http.answer("GET https://app.clerk.accounts.dev/.well-known/oauth-authorization-server",
              ok("<html>app</html>"));
  http.answer("GET https://app.clerk.accounts.dev/.well-known/openid-configuration", ok(server_document()));
  const auto found = find(http, *Url::parse("https://example.com/mcp"));
  REQUIRE(found);
  CHECK(found->resource == "https://example.com");
}

TEST_CASE("Metadata for another resource is refused and never taken for a server without metadata") {
  FakeHttp http;
  http.answer("GET https://example.com/.well-known/oauth-protected-resource/mcp",
              ok(resource_document("https://evil.example/mcp")));
  const auto found = find(http, *Url::parse("https://example.com/mcp"));
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ErrorCode::protocol);
  CHECK(http.asked().size() == 2);  // both of its places, and no sign-in server
}

TEST_CASE("A challenge that points into a private network is not followed") {
  FakeHttp http;
  const auto* url =
      GENERATE("http://169.254.169.254/latest/meta-data/", "https://10.0.0.1/x", "http://localhost:6379/",
               "http://example.com/.well-known/oauth-protected-resource", "file:///etc/passwd", "");
  CAPTURE(url);
  const auto found = find(http, *Url::parse("https://example.com/mcp"),
                          challenge("Bearer resource_metadata=\"" + std::string(url) + "\""));
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ErrorCode::protocol);
  for (const auto& line : http.asked()) CHECK(line.starts_with("GET https://example.com/.well-known/"));
}

TEST_CASE("An authorization server in a private network is not asked") {
  FakeHttp http;
  http.answer(
      "GET https://example.com/.well-known/oauth-protected-resource/mcp",
      ok(resource_document("https://example.com/mcp",
                           {GENERATE("https://192.168.0.1", "http://login.example", "https://[::1]:8443")})));
  CHECK_FALSE(find(http, *Url::parse("https://example.com/mcp")));
  CHECK(http.asked().size() == 1);
}

TEST_CASE("Of several authorization servers the preferred one is taken, else the first that is fit") {
  FakeHttp http;
  http.answer(
      "GET https://example.com/.well-known/oauth-protected-resource/mcp",
      ok(resource_document("https://example.com/mcp", {"https://a.example", "https://b.example", issuer})));
  http.answer("GET https://b.example/.well-known/oauth-authorization-server",
              ok(server_document("https://b.example")));
  http.answer("GET https://app.clerk.accounts.dev/.well-known/oauth-authorization-server",
              ok(server_document()));
  const Url endpoint = *Url::parse("https://example.com/mcp");
  CHECK(find(http, endpoint)->server.issuer == "https://b.example");
  CHECK(find(http, endpoint, {}, issuer)->server.issuer == issuer);
  CHECK(find(http, endpoint, {}, "https://not-listed.example")->server.issuer == "https://b.example");
}

TEST_CASE("An authorization server that can't be asked just now is not passed over for the next") {
  FakeHttp http;
  http.answer("GET https://example.com/.well-known/oauth-protected-resource/mcp",
              ok(resource_document("https://example.com/mcp", {"https://a.example", "https://b.example"})));
  http.answer("GET https://a.example/.well-known/oauth-authorization-server",
              status(GENERATE(500, 503, 429)));
  http.answer("GET https://b.example/.well-known/oauth-authorization-server",
              ok(server_document("https://b.example")));
  const auto found = find(http, *Url::parse("https://example.com/mcp"));
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ErrorCode::rejected);
}

TEST_CASE("A server of 2025-03-26 is its own sign-in server") {
  FakeHttp http;
  const Url endpoint = *Url::parse("https://example.com/v1/mcp");
  SECTION("with metadata at its root") {
    const auto name = GENERATE(std::string("https://example.com"), std::string("https://example.com/"));
    http.answer("GET https://example.com/.well-known/oauth-authorization-server", ok(server_document(name)));
    const auto found = find(http, endpoint);
    REQUIRE(found);
    CHECK(found->server.issuer == name);
    CHECK(found->resource == "https://example.com/v1/mcp");
  }
  SECTION("without any, at the documented paths") {
    const auto found = find(http, endpoint);
    REQUIRE(found);
    CHECK(found->server.authorization_endpoint.to_string() == "https://example.com/authorize");
    CHECK(found->server.token_endpoint.to_string() == "https://example.com/token");
    CHECK(found->server.registration_endpoint->to_string() == "https://example.com/register");
  }
  SECTION("but not with somebody else's metadata") {
    http.answer("GET https://example.com/.well-known/oauth-authorization-server", ok(server_document()));
    CHECK_FALSE(find(http, endpoint));
  }
  SECTION("nor where the challenge named a document that is not there") {
    CHECK_FALSE(find(http, endpoint, challenge(R"(Bearer resource_metadata="https://example.com/meta")")));
    CHECK(http.count("GET https://example.com/.well-known/oauth-authorization-server") == 0);
  }
}

TEST_CASE("A dead network is told as that, and ends the search") {
  FakeHttp http;
  http.answer(
      "GET https://example.com/.well-known/oauth-protected-resource/mcp",
      {.status = 0,
       .body = {},
       .headers = {},
       .failure = Error{ErrorCode::unreachable, "example.com can't be reached.", "Check the network."}});
  const auto found = find(http, *Url::parse("https://example.com/mcp"));
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ErrorCode::unreachable);
  CHECK(http.asked().size() == 1);
}

TEST_CASE("A document of more than 1 MiB is refused") {
  FakeHttp http;
  http.answer("GET https://example.com/.well-known/oauth-protected-resource/mcp",
              ok(std::string(1024 * 1024 + 1, ' ')));
  const auto found = find(http, *Url::parse("https://example.com/mcp"));
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ErrorCode::protocol);
}

TEST_CASE("A redirect is not followed") {
  FakeHttp http;
  http.answer(
      "GET https://example.com/.well-known/oauth-protected-resource/mcp",
      {.status = 302, .body = {}, .headers = {{"Location", "http://169.254.169.254/"}}, .failure = {}});
  CHECK(find(http, *Url::parse("https://example.com/mcp")));  // as a server of 2025-03-26
  for (const auto& line : http.asked()) CHECK(line.starts_with("GET https://example.com/"));
}

TEST_CASE("A known issuer is asked directly") {
  FakeHttp http;
  http.answer("GET https://app.clerk.accounts.dev/.well-known/openid-configuration", ok(server_document()));
  const auto server = discover_issuer(http, clickflow_endpoint, issuer, {});
  REQUIRE(server);
  CHECK(server->token_endpoint.to_string() == issuer + "/token");
  CHECK(http.asked() == Lines{"GET https://app.clerk.accounts.dev/.well-known/oauth-authorization-server",
                              "GET https://app.clerk.accounts.dev/.well-known/openid-configuration"});
  CHECK_FALSE(discover_issuer(http, clickflow_endpoint, "https://other.example", {}));
  CHECK(discover_issuer(http, clickflow_endpoint, "https://api.clickflow.com", {})->token_endpoint.target ==
        "/token");
}
