#include "clickflow/auth/authorization_url.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace clickflow;
using namespace clickflow::auth;

namespace {

AuthorizationRequest request(const std::string& endpoint = "https://login.example.org/oauth/authorize") {
  return {.endpoint = *Url::parse(endpoint),
          .client_id = "client 1&x=y",
          .redirect_uri = "http://127.0.0.1:49152/callback",
          .scope = "tools:* profile",
          .state = "abcdefgh",
          .code_challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
          .resource = "https://API.example.com:443/v1/mcp/"};
}

constexpr const char* query =
    "response_type=code&client_id=client%201%26x%3Dy&redirect_uri=http%3A%2F%2F127.0.0.1%3A49152%2Fcallback"
    "&state=abcdefgh&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    "&resource=https%3A%2F%2FAPI.example.com%3A443%2Fv1%2Fmcp%2F&scope=tools%3A%2A%20profile";

}  // namespace

TEST_CASE("The link holds everything, encoded, with the resource as it was spelled") {
  CHECK(authorization_url(request()) == std::string("https://login.example.org/oauth/authorize?") + query);
}

TEST_CASE("A query that the endpoint has already is kept") {
  CHECK(authorization_url(request("https://login.example.org/a?tenant=1")) ==
        std::string("https://login.example.org/a?tenant=1&") + query);
  CHECK(authorization_url(request("https://login.example.org/a?")) ==
        std::string("https://login.example.org/a?") + query);
}

TEST_CASE("Without a scope the parameter is left out") {
  auto without = request();
  without.scope.clear();
  CHECK(authorization_url(without)->find("scope=") == std::string::npos);
}

TEST_CASE("Consent is asked for where offline access is, and only there") {
  auto offline = request();
  offline.scope = "a offline_access";
  CHECK(authorization_url(offline)->ends_with("&scope=a%20offline_access&prompt=consent"));
  offline.scope = "a offline_accessory";
  CHECK(authorization_url(offline)->find("prompt=") == std::string::npos);
}

TEST_CASE("An endpoint that could mean something to an opener or a shell is refused") {
  const auto* endpoint = GENERATE("https://login.example.org/a'b", "https://login.example.org/a\"b",
                                  "https://login.example.org/`id`", "https://login.example.org/$(id)",
                                  "https://login.example.org/a?x=$HOME", "https://login.example.org/a\\b",
                                  "https://login.example.org/a|b", "https://login.example.org/<b>",
                                  "https://login.example.org/%?x=%zz", "http://login.example.org/authorize");
  CAPTURE(endpoint);
  const auto url = authorization_url(request(endpoint));
  REQUIRE_FALSE(url);
  CHECK(url.error().code == ErrorCode::protocol);
}

TEST_CASE("An endpoint that brings a parameter of ours along is refused") {
  const auto* parameter =
      GENERATE("redirect_uri=https://evil.example", "client_id=x", "state=1", "resp%6Fnse_type=token",
               "scope=all", "request_uri=x", "response_mode=fragment", "code_challenge=x");
  CAPTURE(parameter);
  CHECK_FALSE(authorization_url(request("https://login.example.org/authorize?" + std::string(parameter))));
}

TEST_CASE("A link of more than 8 KiB is refused") {
  CHECK(authorization_url(request("https://login.example.org/" + std::string(7000, 'a'))));
  CHECK_FALSE(authorization_url(request("https://login.example.org/" + std::string(8100, 'a'))));
}

TEST_CASE("Plain http is for loopback only") {
  CHECK(authorization_url(request("http://127.0.0.1:9000/authorize")));
  CHECK(authorization_url(request("http://localhost:9000/authorize")));
}

TEST_CASE("Values can't break out of their parameter") {
  auto hostile = request();
  hostile.client_id = "'\"`$(id)&state=x#";
  const auto url = authorization_url(hostile);
  REQUIRE(url);
  CHECK(url->find("client_id=%27%22%60%24%28id%29%26state%3Dx%23&") != std::string::npos);
}
