#include "clickflow/auth/tokens.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "clickflow/base/log.h"

using namespace clickflow;
using namespace clickflow::auth;
using std::chrono::seconds;

namespace {

const TimePoint now{seconds(1'800'000'000)};

Tokens tokens() {
  OAuthClient client;
  client.issuer = "https://login.example.org";
  client.client_id = "c1";
  TokenResponse response;
  response.access_token = Secret("the-access-token");
  response.refresh_token = Secret("the-refresh-token");
  response.obtained_at = now;
  response.expires_at = now + seconds(3600);
  response.scope = "a";
  response.account = "ada@example.org";
  return make_tokens(response, client, "https://API.example.com/mcp/", "a b");
}

}  // namespace

TEST_CASE("Tokens come back from their text as they went") {
  auto before = tokens();
  const auto back = parse_tokens(serialize(before));
  REQUIRE(back);
  CHECK(back->issuer == before.issuer);
  CHECK(back->resource == before.resource);
  CHECK(back->client.client_id == "c1");
  CHECK(back->access_token == before.access_token);
  CHECK(back->refresh_token == before.refresh_token);
  CHECK(back->obtained_at == before.obtained_at);
  CHECK(back->expires_at == before.expires_at);
  CHECK(back->requested_scope == "a b");
  CHECK(back->granted_scope == "a");
  CHECK(back->account == "ada@example.org");

  before.refresh_token.reset();
  before.expires_at.reset();
  const auto bare = parse_tokens(serialize(before));
  REQUIRE(bare);
  CHECK_FALSE(bare->refresh_token);
  CHECK_FALSE(bare->expires_at);
}

TEST_CASE("The text of tokens is a secret like they are") {
  const std::string logged = log::redact(serialize(tokens()).expose());
  CHECK(logged.find("the-access-token") == std::string::npos);
  CHECK(logged.find("the-refresh-token") == std::string::npos);
}

TEST_CASE("Tokens that were damaged, cut, mixed up or written by a later version are told as that") {
  const std::string good(serialize(tokens()).expose());
  auto with = [&](const std::string& old, const std::string& replacement) {
    std::string text = good;
    text.replace(text.find(old), old.size(), replacement);
    return text;
  };
  const auto text = GENERATE_COPY(
      std::string(), std::string("{}"), good.substr(0, good.size() / 2),
      with("\"version\":1", "\"version\":2"), with("\"version\":1", "\"version\":0"),
      with("the-access-token", ""), with("\"resource\":\"https://API.example.com/mcp/\"", "\"resource\":7"),
      with("\"client\":", "\"other\":"),
      with("\"issuer\":\"https://login.example.org\"", "\"issuer\":\"https://evil.example\""));
  CAPTURE(text.size());
  const auto parsed = parse_tokens(Secret(text));
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == ErrorCode::keychain_damaged);
}

TEST_CASE("Tokens are due a minute before they expire, or a quarter of a short life") {
  auto long_lived = tokens();
  CHECK_FALSE(long_lived.due(now + seconds(3539)));
  CHECK(long_lived.due(now + seconds(3540)));
  CHECK_FALSE(long_lived.expired(now + seconds(3599)));
  CHECK(long_lived.expired(now + seconds(3600)));
  auto short_lived = tokens();
  short_lived.expires_at = now + seconds(40);
  CHECK_FALSE(short_lived.due(now + seconds(29)));
  CHECK(short_lived.due(now + seconds(30)));
  auto unknown = tokens();
  unknown.expires_at.reset();
  CHECK_FALSE(unknown.due(now + seconds(1'000'000)));
}

TEST_CASE("A refresh changes what it brings and keeps the rest") {
  TokenResponse response;
  response.access_token = Secret("second-access-token");
  response.obtained_at = now + seconds(10);
  response.scope = "a b";
  const auto next = tokens().renewed(response);
  CHECK(next.access_token == Secret("second-access-token"));
  CHECK(next.refresh_token == Secret("the-refresh-token"));
  CHECK_FALSE(next.expires_at);
  CHECK(next.granted_scope == "a b");
  CHECK(next.requested_scope == "a b");
  CHECK(next.account == "ada@example.org");
  CHECK(next.resource == "https://API.example.com/mcp/");
}
