#include "clickflow/auth/callback.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace clickflow;
using namespace clickflow::auth;
using Kind = CallbackFailure::Kind;

namespace {

const ExpectedCallback plain{.state = "our-state", .issuer = "https://login.example.org"};
const ExpectedCallback with_iss{
    .state = "our-state", .issuer = "https://login.example.org", .iss_required = true};
const std::string right_iss = "&iss=https%3A%2F%2Flogin.example.org";

Kind kind(std::string_view query, const ExpectedCallback& expected = plain) {
  const auto code = check_callback(query, expected);
  REQUIRE_FALSE(code);
  return code.error().kind;
}

}  // namespace

TEST_CASE("A callback with our state brings the code") {
  CHECK(check_callback("code=abc%2F1&state=our-state", plain)->expose() == "abc/1");
  CHECK(check_callback("state=our-state&extra=1&code=abc", plain)->expose() == "abc");
}

TEST_CASE("A callback without exactly our state is foreign, whatever else it holds") {
  const auto* query =
      GENERATE("", "code=abc", "code=abc&state=", "code=abc&state=our-stat", "code=abc&state=our-state2",
               "code=abc&state=OUR-STATE", "code=abc&state=our-state&state=our-state",
               "code=abc&state=our-state&state=x", "error=access_denied", "error=access_denied&state=x", "%",
               "code=abc&state=our-state&x=%zz", "code=abc&State=our-state", "code=abc#state=our-state");
  CAPTURE(query);
  CHECK(kind(query) == Kind::foreign);
  CHECK(kind(query, with_iss) == Kind::foreign);
  CHECK_FALSE(has_state(query, "our-state"));
}

TEST_CASE("The state alone decides whether a hit is ours") {
  CHECK(has_state("state=our-state", "our-state"));
  CHECK(has_state("error=x&state=our%2Dstate", "our-state"));
}

TEST_CASE("An issuer that is there has to be the one that was asked, character for character") {
  CHECK(check_callback("code=abc&state=our-state" + right_iss, plain));
  CHECK(check_callback("code=abc&state=our-state" + right_iss, with_iss));
  const auto* iss = GENERATE("https%3A%2F%2Fevil.example", "https%3A%2F%2Flogin.example.org%2F",
                             "https%3A%2F%2FLOGIN.example.org", "https%3A%2F%2Flogin.example.org%3A443",
                             "http%3A%2F%2Flogin.example.org", "");
  CAPTURE(iss);
  const std::string query = "code=abc&state=our-state&iss=" + std::string(iss);
  CHECK(kind(query) == Kind::wrong_issuer);
  CHECK(kind(query, with_iss) == Kind::wrong_issuer);
}

TEST_CASE("An issuer that was promised and is absent, or comes twice, is a refusal") {
  CHECK(kind("code=abc&state=our-state", with_iss) == Kind::wrong_issuer);
  CHECK(kind("error=access_denied&state=our-state", with_iss) == Kind::wrong_issuer);
  CHECK(kind("code=abc&state=our-state" + right_iss + right_iss) == Kind::wrong_issuer);
  CHECK(kind("code=abc&state=our-state" + right_iss + "&iss=https%3A%2F%2Fevil.example") ==
        Kind::wrong_issuer);
}

TEST_CASE("An error counts only after state and issuer, and none of its words is shown") {
  const auto wrong = check_callback(
      "error=access_denied&error_description=SHOWN&error_uri=SHOWN&state=our-state&iss=https%3A%2F%2Fevil."
      "example",
      plain);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().kind == Kind::wrong_issuer);
  CHECK(wrong.error().error.message().find("evil") == std::string::npos);

  const auto declined = check_callback("error=access_denied&error_description=SHOWN&state=our-state", plain);
  REQUIRE_FALSE(declined);
  CHECK(declined.error().kind == Kind::declined);
  CHECK(declined.error().error.message().find("SHOWN") == std::string::npos);

  for (const char* error :
       {"server_error", "invalid_scope", "SHOWN%3Cscript%3E", "", "unauthorized_client"}) {
    const auto failed = check_callback("error=" + std::string(error) + "&code=abc&state=our-state", plain);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().kind == Kind::failed);
    CHECK(failed.error().error.message().find("SHOWN") == std::string::npos);
    CHECK(failed.error().client_unknown == (error == std::string("unauthorized_client")));
  }
}

TEST_CASE("An answer with no code, an empty one or two is a failure") {
  const auto* query = GENERATE("state=our-state", "code=&state=our-state", "code=a&code=b&state=our-state");
  CAPTURE(query);
  CHECK(kind(query) == Kind::failed);
}

TEST_CASE("A pasted address is read as people paste it") {
  const auto* pasted = GENERATE("http://127.0.0.1:49152/callback?code=abc&state=our-state",
                                "  \"http://127.0.0.1:49152/callback?code=abc&state=our-state\"\r\n",
                                "<http://127.0.0.1:49152/callback?code=abc&state=our-state>",
                                "127.0.0.1:49152/callback?code=abc&state=our-state#_=_",
                                "?code=abc&state=our-state", "code=abc&state=our-state");
  CAPTURE(pasted);
  const auto query = query_of_pasted_url(pasted);
  REQUIRE(query);
  CHECK(check_callback(*query, plain)->expose() == "abc");
}

TEST_CASE("What is no such address is told") {
  const auto* pasted =
      GENERATE("", "   ", "https://login.example.org/authorize?client_id=x", "hello", "abc", "#state=x");
  CAPTURE(pasted);
  CHECK(query_of_pasted_url(pasted).error().code == ErrorCode::invalid_input);
}
