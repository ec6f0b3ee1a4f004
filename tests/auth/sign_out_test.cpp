#include "clickflow/auth/sign_out.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/fake_clock.h"
#include "support/fake_http.h"
#include "support/fake_keychain.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using namespace clickflow::auth;
using namespace clickflow::testing;

namespace {

const Url endpoint = *Url::parse("https://api.example.com/mcp");
const std::string issuer = "https://login.example.org";

struct Fixture {
  TemporaryFolder folder;
  FakeHttp http;
  FakeClock clock;
  FakeKeychain keychain;
  SessionStore store{keychain, {"default", endpoint.to_string(), ""}, folder.path()};

  void sign_in(bool with_refresh_token = true) {
    Tokens tokens;
    tokens.issuer = tokens.client.issuer = issuer;
    tokens.client.client_id = "c1";
    tokens.resource = endpoint.to_string();
    tokens.access_token = Secret("the-access-token");
    if (with_refresh_token) tokens.refresh_token = Secret("the-refresh-token");
    REQUIRE(store.save_client(tokens.client, tokens.resource));
    REQUIRE(store.save(tokens));
  }
  void serve_resource() {
    http.answer(
        "GET https://api.example.com/.well-known/oauth-protected-resource/mcp",
        {200,
         R"({"resource":"https://api.example.com/mcp","authorization_servers":["https://login.example.org"]})",
         {},
         {}});
  }
  void serve_metadata(
      const std::string& more = R"(,"revocation_endpoint":"https://login.example.org/revoke")") {
    http.answer(
        "GET https://login.example.org/.well-known/oauth-authorization-server",
        {200,
         R"({"issuer":"https://login.example.org","authorization_endpoint":"https://login.example.org/a",
                     "token_endpoint":"https://login.example.org/t","code_challenge_methods_supported":["S256"])" +
             more + "}",
         {},
         {}});
  }
  void serve_revocation(int status, const std::string& body = "") {
    http.answer("POST https://login.example.org/revoke", {status, body, {}, {}});
  }
  SignOutReport out() {
    const auto report = sign_out(endpoint, http, store, clock, {});
    REQUIRE(report);
    CHECK(keychain.keys().empty());
    return *report;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "Signing out revokes the refresh token, then the access token, and forgets everything") {
  sign_in();
  serve_metadata();
  serve_revocation(200);
  const auto report = out();
  CHECK(report.was_signed_in);
  CHECK_FALSE(report.not_revoked);
  CHECK(http.request(1).ends_with("\n\ntoken=the-refresh-token&token_type_hint=refresh_token&client_id=c1"));
  CHECK(http.request(2).ends_with("\n\ntoken=the-access-token&token_type_hint=access_token&client_id=c1"));
}

TEST_CASE_METHOD(Fixture, "Whatever the server says, everything is forgotten, and what it said is told") {
  sign_in();
  SECTION("it refuses") {
    serve_metadata();
    serve_revocation(GENERATE(400, 403, 503));
  }
  SECTION("it has no place for it") {
    serve_metadata("");
  }
  SECTION("it is gone") {}
  const auto report = out();
  CHECK(report.was_signed_in);
  CHECK(report.not_revoked);
}

TEST_CASE_METHOD(Fixture, "A server that can revoke refresh tokens only has revoked enough") {
  sign_in();
  serve_metadata();
  serve_revocation(200);
  serve_revocation(400, R"({"error":"unsupported_token_type"})");
  CHECK_FALSE(out().not_revoked);
}

TEST_CASE_METHOD(Fixture, "Without a refresh token the access token is what there is to revoke") {
  sign_in(false);
  serve_metadata();
  serve_revocation(400, R"({"error":"unsupported_token_type"})");
  CHECK(out().not_revoked);
}

TEST_CASE_METHOD(Fixture, "Signing out twice is no error, and asks nobody") {
  CHECK_FALSE(out().was_signed_in);
  CHECK(http.asked().empty());
}

TEST_CASE_METHOD(Fixture, "What is damaged is forgotten, and told as not revoked") {
  sign_in();
  REQUIRE(
      keychain.write(store_key("tokens", store.identity(), issuer, endpoint.to_string()), Secret("garbage")));
  CHECK(out().not_revoked->code == ErrorCode::keychain_damaged);
}

TEST_CASE_METHOD(Fixture,
                 "Where the note of the sign-in is damaged the server says where it was, and nothing stays") {
  sign_in();
  serve_resource();
  serve_metadata();
  serve_revocation(200);
  REQUIRE(keychain.write(store_key("server", store.identity(), "", ""), Secret("garbage")));
  const auto report = out();
  CHECK(report.was_signed_in);
  CHECK_FALSE(report.not_revoked);
  CHECK(http.count("POST https://login.example.org/revoke") == 2);
}

TEST_CASE_METHOD(Fixture,
                 "Where the note is damaged and the server can't be asked all stays, and that is told") {
  sign_in();
  REQUIRE(keychain.write(store_key("server", store.identity(), "", ""), Secret("garbage")));
  http.answer("GET https://api.example.com/.well-known/oauth-protected-resource/mcp", {503, "", {}, {}});
  const auto kept = keychain.keys();
  const auto report = sign_out(endpoint, http, store, clock, {});
  REQUIRE_FALSE(report);
  CHECK(report.error().code == ErrorCode::keychain_damaged);
  CHECK(keychain.keys() == kept);
}

TEST_CASE_METHOD(Fixture, "The registration of a sign-in that never ended is forgotten, too") {
  OAuthClient client;
  client.issuer = issuer;
  client.client_id = "c1";
  REQUIRE(store.save_client(client, endpoint.to_string()));
  CHECK_FALSE(out().was_signed_in);
  CHECK(http.asked().empty());
}

TEST_CASE_METHOD(Fixture,
                 "While the server revokes nobody waits for the lock, and nothing is left to renew") {
  sign_in();
  serve_metadata();
  bool free = false;
  http.handle("https://login.example.org/revoke", [&](const http::Request&) {
    free = store.lock({}, std::chrono::milliseconds(1)) && keychain.keys().empty();
    return Answer{};
  });
  CHECK_FALSE(out().not_revoked);
  CHECK(free);
}

TEST_CASE_METHOD(Fixture, "A keychain that is locked keeps the sign-in, and that is told") {
  sign_in();
  keychain.read_failure = Error{ErrorCode::keychain_locked, "Locked.", "Unlock."};
  CHECK(sign_out(endpoint, http, store, clock, {}).error().code == ErrorCode::keychain_locked);
  CHECK(http.asked().empty());
}
