#include "clickflow/auth/device_grant.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/fake_clock.h"
#include "support/fake_http.h"

using namespace clickflow;
using namespace clickflow::auth;
using clickflow::testing::FakeClock;
using clickflow::testing::FakeHttp;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct Fixture {
  FakeHttp http;
  FakeClock clock;
  AuthorizationServer server;
  OAuthClient client;
  Cancellation cancellation;
  Fixture() {
    server.issuer = client.issuer = "https://login.example.org";
    server.token_endpoint = *Url::parse("https://login.example.org/token");
    server.device_authorization_endpoint = *Url::parse("https://login.example.org/device");
    client.client_id = "c1";
  }

  TokenResult<DeviceCode> start(const std::string& body) {
    http.answer("POST https://login.example.org/device", {200, body, {}, {}});
    return start_device_grant(http, server, client, "a b", "https://example.com/mcp",
                              UrlPolicy(*Url::parse("https://example.com/mcp")), clock, {});
  }
  void answers(int status, const std::string& body, http::Headers headers = {}) {
    http.answer("POST https://login.example.org/token", {status, body, std::move(headers), {}});
  }
  DeviceCode code() {
    DeviceCode result;
    result.device_code = Secret("device-code-1");
    result.expires_at = clock.now() + seconds(600);
    return result;
  }
  TokenResult<TokenResponse> wait() {
    return wait_for_device(http, server, client, code(), "a b", "https://example.com/mcp", clock,
                           cancellation);
  }
};

constexpr const char* good =
    R"({"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://login.example.org/go",
        "verification_uri_complete":"https://login.example.org/go?c=WDJB-MJHT","expires_in":900,"interval":7})";
constexpr const char* pending = R"({"error":"authorization_pending"})";
constexpr const char* tokens = R"({"access_token":"at","token_type":"Bearer","refresh_token":"rt"})";

}  // namespace

TEST_CASE_METHOD(Fixture, "The grant begins with a code and a link") {
  const auto code = start(good);
  REQUIRE(code);
  CHECK(code->device_code == Secret("d"));
  CHECK(code->user_code == "WDJB-MJHT");
  CHECK(code->verification_uri == "https://login.example.org/go");
  CHECK(code->verification_uri_complete == "https://login.example.org/go?c=WDJB-MJHT");
  CHECK(code->expires_at == clock.now() + seconds(900));
  CHECK(code->interval == seconds(7));
  CHECK(http.request(0) ==
        "POST https://login.example.org/device\n"
        "Accept: application/json\n"
        "Content-Type: application/x-www-form-urlencoded\n"
        "\n"
        "resource=https%3A%2F%2Fexample.com%2Fmcp&scope=a%20b&client_id=c1");
}

TEST_CASE_METHOD(Fixture, "What the server leaves out has RFC 8628's values") {
  const auto code =
      start(R"({"device_code":"d","user_code":"X","verification_uri":"https://login.example.org/go"})");
  REQUIRE(code);
  CHECK(code->interval == seconds(5));
  CHECK(code->expires_at == clock.now() + seconds(600));
  CHECK_FALSE(code->verification_uri_complete);
}

TEST_CASE_METHOD(Fixture, "A code or link that can't be shown to a person is refused") {
  const auto* body = GENERATE(
      "", "{}", R"({"device_code":"d","user_code":"X"})",
      R"({"device_code":"","user_code":"X","verification_uri":"https://login.example.org/go"})",
      R"({"device_code":"d","user_code":"\u001b[2J","verification_uri":"https://login.example.org/go"})",
      R"({"device_code":"d","user_code":"X","verification_uri":"http://login.example.org/go"})",
      R"({"device_code":"d","user_code":"X","verification_uri":"javascript:alert`1`"})",
      R"({"device_code":"d","user_code":"X","verification_uri":"https://127.0.0.1/go"})");
  CAPTURE(body);
  CHECK(start(body).error().error.code == ErrorCode::protocol);
}

TEST_CASE_METHOD(Fixture, "A server without the grant is told as that") {
  server.device_authorization_endpoint.reset();
  CHECK(start(good).error().error.message().find("--no-browser") != std::string::npos);
  CHECK(http.asked().empty());
}

TEST_CASE_METHOD(Fixture, "Polling waits its interval before each request, and ends with tokens") {
  answers(400, pending);
  answers(400, pending);
  answers(200, tokens);
  const auto result = wait();
  REQUIRE(result);
  CHECK(result->access_token == Secret("at"));
  CHECK(result->scope == "a b");
  CHECK(clock.sleeps() == std::vector<milliseconds>{seconds(5), seconds(5), seconds(5)});
  CHECK(http.request(0).ends_with(
      "\n\ngrant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=device-code-1"
      "&resource=https%3A%2F%2Fexample.com%2Fmcp&client_id=c1"));
}

TEST_CASE_METHOD(Fixture, "slow_down adds five seconds for good, each time") {
  answers(400, R"({"error":"slow_down"})");
  answers(400, pending);
  answers(400, R"({"error":"slow_down"})");
  answers(200, tokens);
  REQUIRE(wait());
  CHECK(clock.sleeps() == std::vector<milliseconds>{seconds(5), seconds(10), seconds(10), seconds(15)});
}

TEST_CASE_METHOD(Fixture,
                 "A failure that is transient doubles the interval, or waits as long as it is told to") {
  http.answer("POST https://login.example.org/token", {0, {}, {}, Error{ErrorCode::timed_out, "Late.", ""}});
  answers(429, "", {{"Retry-After", "40"}});
  answers(200, tokens);
  REQUIRE(wait());
  CHECK(clock.sleeps() == std::vector<milliseconds>{seconds(5), seconds(10), seconds(40)});
}

TEST_CASE_METHOD(Fixture, "Polling ends when the code expires, whatever the server says") {
  answers(400, pending);
  const auto result = wait();
  REQUIRE_FALSE(result);
  CHECK(result.error().error.code == ErrorCode::timed_out);
  CHECK(http.asked().size() == 119);
}

TEST_CASE_METHOD(Fixture, "A decision against it, an expired code and any other refusal end the polling") {
  struct Row {
    const char* body;
    ErrorCode code;
  };
  const auto row = GENERATE(Row{R"({"error":"access_denied"})", ErrorCode::rejected},
                            Row{R"({"error":"expired_token"})", ErrorCode::timed_out},
                            Row{R"({"error":"invalid_grant"})", ErrorCode::unauthenticated},
                            Row{R"({"error":"invalid_client"})", ErrorCode::unauthenticated},
                            Row{"", ErrorCode::rejected});
  CAPTURE(row.body);
  answers(400, row.body);
  CHECK(wait().error().error.code == row.code);
  CHECK(http.asked().size() == 1);
}

TEST_CASE_METHOD(Fixture, "Polling can be cancelled") {
  cancellation.cancel();
  CHECK(wait().error().error.code == ErrorCode::cancelled);
  CHECK(http.asked().empty());
}
