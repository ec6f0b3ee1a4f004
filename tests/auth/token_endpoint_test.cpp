#include "clickflow/auth/token_endpoint.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "clickflow/base/base64.h"
#include "support/fake_clock.h"
#include "support/fake_http.h"

using namespace clickflow;
using namespace clickflow::auth;
using clickflow::testing::FakeClock;
using clickflow::testing::FakeHttp;
using Authentication = ClientAuthentication;
using Kind = TokenFailure::Kind;
using std::chrono::seconds;

namespace {

const std::string token_url = "https://login.example.org/oauth/token";

struct Fixture {
  FakeHttp http;
  FakeClock clock;
  AuthorizationServer server;
  OAuthClient client;
  Fixture() {
    server.issuer = client.issuer = "https://login.example.org";
    server.token_endpoint = *Url::parse(token_url);
    server.revocation_endpoint = *Url::parse("https://login.example.org/oauth/revoke");
    client.client_id = "client 1";
  }

  void answers(int status, std::string body, http::Headers headers = {}) {
    http.answer("POST " + token_url, {status, std::move(body), std::move(headers), {}});
  }
  TokenEndpoint endpoint() { return {http, server, client, clock}; }
  TokenResult<TokenResponse> exchange() {
    return endpoint().exchange({.code = Secret("the code"),
                                .verifier = Secret("the-verifier"),
                                .redirect_uri = "http://127.0.0.1:49152/callback",
                                .resource = "https://API.example.com/mcp/",
                                .scope = "asked for"},
                               {});
  }
  TokenResult<TokenResponse> refresh() {
    return endpoint().refresh(Secret("old refresh token"), "https://API.example.com/mcp/", "granted before",
                              {});
  }
};

constexpr const char* good = R"({"access_token":"new-access","token_type":"bearer","expires_in":3600,
                                 "refresh_token":"new-refresh","scope":"a b"})";

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "A code is exchanged with its verifier, its address and the resource as it was spelled") {
  answers(200, good);
  const auto tokens = exchange();
  REQUIRE(tokens);
  CHECK(tokens->access_token == Secret("new-access"));
  CHECK(tokens->refresh_token == Secret("new-refresh"));
  CHECK(tokens->expires_at == clock.now() + seconds(3600));
  CHECK(tokens->scope == "a b");
  CHECK(http.request(0) ==
        "POST https://login.example.org/oauth/token\n"
        "Accept: application/json\n"
        "Content-Type: application/x-www-form-urlencoded\n"
        "\n"
        "grant_type=authorization_code&code=the%20code&code_verifier=the-verifier"
        "&redirect_uri=http%3A%2F%2F127.0.0.1%3A49152%2Fcallback&resource=https%3A%2F%2FAPI.example.com%"
        "2Fmcp%2F"
        "&client_id=client%201");
}

TEST_CASE_METHOD(Fixture, "A refresh sends the refresh token and the resource, and no scope") {
  answers(200, good);
  REQUIRE(refresh());
  CHECK(http.request(0) ==
        "POST https://login.example.org/oauth/token\n"
        "Accept: application/json\n"
        "Content-Type: application/x-www-form-urlencoded\n"
        "\n"
        "grant_type=refresh_token&refresh_token=old%20refresh%20token&resource=https%3A%2F%2FAPI.example.com%"
        "2Fmcp%2F"
        "&client_id=client%201");
}

TEST_CASE_METHOD(Fixture, "Basic authentication encodes id and secret as a form does before it joins them") {
  client.authentication = Authentication::client_secret_basic;
  client.secret = Secret("s:é/+ %");
  answers(200, good);
  REQUIRE(refresh());
  const std::string expected = base64_encode("client%201:s%3A%C3%A9%2F%2B%20%25");
  CHECK(http.request(0).find("Authorization: Basic " + expected + "\n") != std::string::npos);
  CHECK(http.request(0).find("client_id=") == std::string::npos);
  CHECK(http.request(0).find("client_secret=") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "Authentication by post puts id and secret into the body") {
  client.authentication = Authentication::client_secret_post;
  client.secret = Secret("s&1=2");
  answers(200, good);
  REQUIRE(refresh());
  CHECK(http.request(0).ends_with("&client_id=client%201&client_secret=s%261%3D2"));
  CHECK(http.request(0).find("Authorization") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "What a token response leaves out is what was there before") {
  answers(200, R"({"access_token":"new-access","token_type":"Bearer"})");
  const auto refreshed = refresh();
  REQUIRE(refreshed);
  CHECK(refreshed->refresh_token == Secret("old refresh token"));
  CHECK(refreshed->scope == "granted before");
  CHECK_FALSE(refreshed->expires_at);
  const auto exchanged = exchange();
  REQUIRE(exchanged);
  CHECK_FALSE(exchanged->refresh_token);
  CHECK(exchanged->scope == "asked for");
}

TEST_CASE_METHOD(Fixture, "A lifetime may be odd, and stays within what a clock can hold") {
  struct Row {
    const char* value;
    std::optional<seconds> life;
  };
  const auto row =
      GENERATE(Row{"\"3600\"", seconds(3600)}, Row{"0", std::nullopt}, Row{"-5", std::nullopt},
               Row{"59.9", seconds(59)}, Row{"99999999999", seconds(10LL * 365 * 24 * 3600)},
               Row{"1e300", std::nullopt}, Row{"null", std::nullopt}, Row{"\"soon\"", std::nullopt});
  CAPTURE(row.value);
  answers(200, R"({"access_token":"a","token_type":"Bearer","expires_in":)" + std::string(row.value) + "}");
  const auto tokens = exchange();
  REQUIRE(tokens);
  CHECK(tokens->expires_at == (row.life ? std::optional(clock.now() + *row.life) : std::nullopt));
}

TEST_CASE_METHOD(Fixture, "A token response that can't be used is refused") {
  const auto body = GENERATE(
      std::string(""), std::string("[]"), std::string("<html>"), std::string("{}"),
      std::string(R"({"access_token":"a"})"), std::string(R"({"access_token":"a","token_type":"DPoP"})"),
      std::string(R"({"access_token":"a","token_type":"mac"})"), std::string(R"({"token_type":"Bearer"})"),
      std::string(R"({"access_token":"","token_type":"Bearer"})"),
      std::string(R"({"access_token":7,"token_type":"Bearer"})"),
      std::string(R"({"access_token":"a\r\nX: y","token_type":"Bearer"})"),
      std::string(R"({"access_token":"a b","token_type":"Bearer"})"),
      R"({"access_token":")" + std::string(25 * 1024, 'a') + R"(","token_type":"Bearer"})",
      R"({"access_token":"a","token_type":"Bearer","refresh_token":")" + std::string(25 * 1024, 'a') +
          R"("})");
  CAPTURE(body.substr(0, 80));
  answers(200, body);
  const auto tokens = exchange();
  REQUIRE_FALSE(tokens);
  CHECK(tokens.error().kind == Kind::refused);
  CHECK(tokens.error().error.code == ErrorCode::protocol);
}

TEST_CASE_METHOD(Fixture, "Each failure is told apart by what may be done about it") {
  struct Row {
    int status;
    const char* body;
    Kind kind;
    const char* code;
  };
  const auto row =
      GENERATE(Row{400, R"({"error":"invalid_grant"})", Kind::invalid_grant, "invalid_grant"},
               Row{401, R"({"error":"invalid_grant"})", Kind::invalid_grant, "invalid_grant"},
               Row{200, R"({"error":"invalid_grant"})", Kind::invalid_grant, "invalid_grant"},
               Row{401, R"({"error":"invalid_client"})", Kind::invalid_client, "invalid_client"},
               Row{400, R"({"error":"invalid_client"})", Kind::invalid_client, "invalid_client"},
               Row{500, "", Kind::transient, ""}, Row{502, "<html>", Kind::transient, ""},
               Row{503, R"({"error":"invalid_grant"})", Kind::transient, "invalid_grant"},
               Row{429, R"({"error":"rate_limited"})", Kind::transient, "rate_limited"},
               Row{408, "", Kind::transient, ""},
               Row{400, R"({"error":"invalid_request"})", Kind::refused, "invalid_request"},
               Row{400, R"({"error":"unauthorized_client"})", Kind::refused, "unauthorized_client"},
               Row{400, R"({"error":"invalid_target"})", Kind::refused, "invalid_target"},
               Row{400, R"({"error":"Call 555 <now>!"})", Kind::refused, ""},
               Row{400, R"({"error":7})", Kind::refused, ""}, Row{401, "", Kind::refused, ""},
               Row{404, "", Kind::refused, ""}, Row{302, "", Kind::refused, ""});
  CAPTURE(row.status, row.body);
  answers(row.status, row.body);
  const auto tokens = refresh();
  REQUIRE_FALSE(tokens);
  CHECK(tokens.error().kind == row.kind);
  CHECK(tokens.error().code == row.code);
  CHECK(tokens.error().error.message().find("555") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "A dead network is transient, and nothing in it says to sign in again") {
  const auto code = GENERATE(ErrorCode::unreachable, ErrorCode::lost, ErrorCode::timed_out);
  http.answer("POST " + token_url, {0, {}, {}, Error{code, "It broke.", "Try again."}});
  const auto tokens = refresh();
  REQUIRE_FALSE(tokens);
  CHECK(tokens.error().kind == Kind::transient);
  CHECK(tokens.error().error.code == code);
}

TEST_CASE_METHOD(Fixture, "Retry-After is handed on") {
  answers(429, "", {{"Retry-After", "17"}});
  CHECK(refresh().error().retry_after == seconds(17));
  answers(503, "");
  CHECK_FALSE(refresh().error().retry_after);
}

TEST_CASE_METHOD(Fixture, "A redirect of the token endpoint is not followed") {
  answers(307, "", {{"Location", "https://evil.example/token"}});
  CHECK(refresh().error().kind == Kind::refused);
  CHECK(http.asked() == std::vector<std::string>{"POST " + token_url});
}

TEST_CASE_METHOD(Fixture, "A token is revoked with a hint of its kind") {
  http.answer("POST https://login.example.org/oauth/revoke", {200, {}, {}, {}});
  CHECK(endpoint().revoke(Secret("old refresh"), TokenEndpoint::TokenKind::refresh_token, {}));
  CHECK(http.request(0).ends_with(
      "\n\ntoken=old%20refresh&token_type_hint=refresh_token&client_id=client%201"));
  CHECK(endpoint().revoke(Secret("access"), TokenEndpoint::TokenKind::access_token, {}));
  CHECK(http.request(1).ends_with("\n\ntoken=access&token_type_hint=access_token&client_id=client%201"));
}

TEST_CASE_METHOD(Fixture, "A server that can't revoke is told as that, and not asked") {
  server.revocation_endpoint.reset();
  const auto revoked = endpoint().revoke(Secret("x"), TokenEndpoint::TokenKind::refresh_token, {});
  REQUIRE_FALSE(revoked);
  CHECK(revoked.error().kind == Kind::refused);
  CHECK(http.asked().empty());
}

TEST_CASE_METHOD(Fixture, "An id token names the account if it is for us") {
  struct Row {
    std::string claims;
    std::string account;
  };
  const std::string ours = R"("iss":"https://login.example.org","aud":"client 1")";
  for (const auto& [claims, account] : {
           Row{"{" + ours + R"(,"sub":"u1","email":"a@b.c"})", "a@b.c"},
           Row{"{" + ours + R"(,"sub":"u1","name":"Ada\u001b[31m\nL"})", "Ada[31mL"},
           Row{"{" + ours + R"(,"sub":"u1","email":")" + std::string(200, 'a') + R"("})", "u1"},
           Row{"{" + ours + R"(,"sub":7})", ""},
           Row{R"({"iss":"https://login.example.org","aud":["x","client 1"],"sub":"u1"})", "u1"},
           Row{R"({"iss":"https://login.example.org","aud":"x","sub":"u1"})", ""},
           Row{R"({"iss":"https://evil.example","aud":"client 1","sub":"u1"})", ""},
           Row{"not JSON", ""},
       }) {
    CAPTURE(claims);
    answers(200, R"({"access_token":"a","token_type":"Bearer","id_token":"e30.)" + base64url_encode(claims) +
                     R"(.x"})");
    CHECK(exchange()->account == account);
  }
  answers(200, R"({"access_token":"a","token_type":"Bearer","id_token":"opaque"})");
  CHECK(exchange()->account.empty());
}
