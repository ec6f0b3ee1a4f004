#include "clickflow/auth/api_key.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace clickflow;
using auth::ApiKeySource;
using auth::OwnHeaderSource;
using auth::parse_api_key;
using auth::Refusal;

namespace {

constexpr const char* key = "cf_ak_0123456789abcdefXYZ";

Refusal refusal(int status, const std::string& challenge, const std::string& body = {}) {
  return {Url::parse("https://api.clickflow.com/v1/mcp").value(),
          status,
          {{"WWW-Authenticate", challenge}},
          body};
}

Error told(const Refusal& refusal) {
  return ApiKeySource(Secret(key), "set CLICKFLOW_API_KEY to it").renew(refusal, Secret(key), {}).error();
}

}  // namespace

TEST_CASE("A key as the dashboard shows it is taken") {
  for (const char* text : {key, "cf_ak_12345678", "cf_ak_a-b_c-d_E-F"}) {
    CAPTURE(text);
    const auto parsed = parse_api_key(text);
    REQUIRE(parsed);
    CHECK(parsed->expose() == text);
  }
}

TEST_CASE("What does not look like a key is refused, and no more than its first characters is shown") {
  const auto text =
      GENERATE(as<std::string>{}, "", "cf_ak_", "cf_ak_1234567", "CF_AK_0123456789", "sk-verysecretvalue1",
               " cf_ak_0123456789", "cf_ak_0123456789\n", "cf_ak_01234 56789", "cf_ak_01234.6789",
               "Bearer cf_ak_0123456789", "cf_ak_0123456789\r\nX-A: b",
               "cf_ak_01234\xC3\xA9"
               "6789",
               std::string("cf_ak_0123\0"
                           "456789",
                           17),
               "\x1b[31mred");
  CAPTURE(text);
  const auto parsed = parse_api_key(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == ErrorCode::invalid_input);
  const std::string words = parsed.error().message();
  if (text.size() > 9 && text[0] == 'c') CHECK(words.find(text.substr(6, 4)) == std::string::npos);
  if (text.size() > 9) CHECK(words.find(text.substr(text.size() - 4)) == std::string::npos);
  for (char c : words) CHECK((c >= 0x20 && c < 0x7f));
}

TEST_CASE("The key is the token, and beside a header of one's own there is none") {
  const auto with = ApiKeySource(Secret(key), "").token({});
  REQUIRE(with);
  CHECK(with->value().expose() == key);
  const auto without = OwnHeaderSource().token({});
  REQUIRE(without);
  CHECK_FALSE(without->has_value());
}

TEST_CASE("A refused key is replaced where it came from") {
  const auto refused = refusal(401, "Bearer");
  CHECK(told(refused).remedy ==
        "Make a new one in ClickFlow under Dashboard > Settings > API Keys and set CLICKFLOW_API_KEY to it.");
  ApiKeySource stored(Secret(key), "keep it with `clickflow-mcp login --api-key`");
  CHECK(stored.renew(refused, Secret(key), {}).error().remedy ==
        "Make a new one in ClickFlow under Dashboard > Settings > API Keys and keep it with `clickflow-mcp "
        "login --api-key`.");
}

TEST_CASE("What was refused without the key may go out once more, with it") {
  ApiKeySource source(Secret(key), "");
  CHECK(source.renew(refusal(401, "Bearer"), std::nullopt, {}));
  CHECK(source.renew(refusal(401, "Bearer"), Secret("an old token"), {}));
}

TEST_CASE("A refused header of one's own is told as such, and no key is asked for") {
  const auto refused = OwnHeaderSource().renew(refusal(401, "Bearer"), std::nullopt, {}).error();
  CHECK(refused.code == ErrorCode::unauthenticated);
  CHECK(
      refused.what ==
      "The credential in your Authorization header was refused: it is wrong, revoked or expired (the server "
      "does not say which).");
  CHECK(refused.remedy ==
        "Set --header, or CLICKFLOW_HEADER, to a good one where this program is configured.");
  const auto narrow =
      OwnHeaderSource()
          .renew(refusal(403, "Bearer error=\"insufficient_scope\", scope=\"tools:a.*\""), std::nullopt, {})
          .error();
  CHECK(narrow.code == ErrorCode::forbidden);
  CHECK(narrow.what ==
        "The credential in your Authorization header lacks a scope that this needs: tools:a.*.");
}

TEST_CASE("A refused key is expired, revoked or neither, as far as the server told") {
  struct Row {
    const char* challenge;
    const char* body;
    const char* what;
  };
  constexpr const char* unknown =
      "The API key was refused: it is wrong, revoked or expired (the server does not say which).";
  const auto row = GENERATE_COPY(
      // ClickFlow's own, as the document has it.
      Row{"Bearer resource_metadata=\"https://api.clickflow.com/v1/.well-known/oauth-protected-resource\"",
          R"({"error": "unauthorized"})", unknown},
      Row{"Bearer error=\"invalid_token\", error_description=\"The API key has expired\"", "",
          "The API key has expired."},
      Row{"Bearer error=\"invalid_token\", error_description=\"Key revoked\"", "",
          "The API key has been revoked."},
      Row{"Bearer", R"({"detail":"API key is EXPIRED"})", "The API key has expired."},
      Row{"Bearer", R"({"message":"This key was revoked by an admin."})", "The API key has been revoked."},
      Row{"Bearer", R"({"error":"revoked"})", "The API key has been revoked."},
      Row{"Bearer", R"({"error":{"message":"expired"}})", unknown}, Row{"Bearer", R"(["expired"])", unknown},
      Row{"Bearer", "expired", unknown}, Row{"Basic error=\"expired\"", "", unknown},
      Row{"Bearer realm=\"expired\"", R"({"hint":"expired"})", unknown},
      // RFC 6750's own words for invalid_token: they say nothing.
      Row{"Bearer error_description=\"The access token provided is expired, revoked, malformed, or invalid "
          "for other reasons\"",
          "", unknown});
  CAPTURE(row.challenge, row.body);
  const auto error = told(refusal(401, row.challenge, row.body));
  CHECK(error.code == ErrorCode::unauthenticated);
  CHECK(error.what == row.what);
  CHECK(error.remedy.find("Make a new one") == 0);
  CHECK(error.message().find("0123456789") == std::string::npos);
}

TEST_CASE("A key that is good and lacks a scope is not called refused") {
  const auto named = told(refusal(403, "Bearer error=\"insufficient_scope\", scope=\"tools:agents.*\""));
  CHECK(named.code == ErrorCode::forbidden);
  CHECK(named.what == "The API key lacks a scope that this needs: tools:agents.*.");
  const auto unnamed = told(refusal(403, "Bearer error=\"insufficient_scope\""));
  CHECK(unnamed.code == ErrorCode::forbidden);
  CHECK(unnamed.what == "The API key lacks a scope that this needs.");
  CHECK(unnamed.remedy.find("Dashboard > Settings > API Keys") != std::string::npos);
}
