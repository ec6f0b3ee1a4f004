#include "clickflow/http/www_authenticate.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/random_text.h"

using clickflow::http::bearer_challenge;
using clickflow::http::Headers;
using clickflow::http::parse_challenges;

namespace {

// `Scheme name=value name=value; Scheme`, to compare with.
std::string shown(const Headers& headers) {
  std::string text;
  for (const auto& challenge : parse_challenges(headers)) {
    if (!text.empty()) text += "; ";
    text += challenge.scheme;
    for (const auto& [name, value] : challenge.params) text += " " + name + "=" + value;
  }
  return text;
}

std::string shown(const std::string& field) {
  return shown(Headers{{"WWW-Authenticate", field}});
}

}  // namespace

TEST_CASE("ClickFlow's own challenge names its metadata") {
  const Headers headers{
      {"WWW-Authenticate",
       R"(Bearer resource_metadata="https://api.clickflow.com/v1/.well-known/oauth-protected-resource")"}};
  const auto challenge = bearer_challenge(headers);
  REQUIRE(challenge);
  CHECK(challenge->param("resource_metadata") ==
        "https://api.clickflow.com/v1/.well-known/oauth-protected-resource");
  CHECK_FALSE(challenge->param("error"));
}

TEST_CASE("A field's challenges and their parameters are told apart") {
  struct Row {
    const char* field;
    const char* challenges;
  };
  const auto row = GENERATE(
      // RFC 9110, section 11.6.1, and RFC 6750, section 3.
      Row{R"(Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"")",
          R"(Basic realm=simple; Newauth realm=apps type=1 title=Login to "apps")"},
      Row{R"(Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple")",
          R"(Newauth realm=apps type=1 title=Login to "apps"; Basic realm=simple)"},
      Row{R"(Bearer realm="example", error="invalid_token", error_description="The access token expired")",
          "Bearer realm=example error=invalid_token error_description=The access token expired"},
      // Names without their case, values with it.
      Row{R"(BEARER Realm="A", ERROR=Invalid_Token)", "BEARER realm=A error=Invalid_Token"},
      Row{"Bearer", "Bearer"}, Row{"  Bearer  ", "Bearer"}, Row{"Bearer, Basic", "Bearer; Basic"},
      Row{"Bearer,Basic realm=x", "Bearer; Basic realm=x"},
      // One parameter that is a token, at the end or alone.
      Row{"Bearer error=invalid_token", "Bearer error=invalid_token"},
      Row{"Bearer realm=x, error=insufficient_scope", "Bearer realm=x error=insufficient_scope"},
      Row{"Bearer error=insufficient_scope, Basic realm=x", "Bearer error=insufficient_scope; Basic realm=x"},
      // White space around `=` is bad, and legal to read.
      Row{"Bearer realm = \"x\" , error\t=\ty", "Bearer realm=x error=y"},
      Row{", ,Bearer realm=\"x\",, error=y ,", "Bearer realm=x error=y"},
      // token68.
      Row{"Negotiate", "Negotiate"}, Row{"Negotiate YII=", "Negotiate"}, Row{"Negotiate YII==", "Negotiate"},
      Row{"Negotiate a+b/c==, Bearer realm=\"x\"", "Negotiate; Bearer realm=x"},
      Row{"Negotiate abc, Bearer realm=\"x\"", "Negotiate; Bearer realm=x"},
      Row{"Negotiate abc=, Bearer realm=\"x\"", "Negotiate; Bearer realm=x"},
      Row{"Negotiate abc , Bearer", "Negotiate; Bearer"},
      // Quoted pairs, and commas and schemes in quotes.
      Row{R"(Bearer a="x\\y\z\"", b="")", R"(Bearer a=x\yz" b=)"},
      Row{R"(Bearer a="b, Basic c=\"d\", e=f", g=h)", R"(Bearer a=b, Basic c="d", e=f g=h)"},
      // What can't be read ends the list; what came before it counts.
      Row{R"(Bearer realm="x", error="never ends)", "Bearer realm=x"},
      Row{R"(Bearer realm="x", error="ends in a backslash\)", "Bearer realm=x"},
      Row{"Bearer realm=\"x\", =y, error=z", "Bearer realm=x"}, Row{"\"Bearer\"", ""}, Row{"=", ""},
      Row{"", ""}, Row{"   ", ""}, Row{",,,", ""}, Row{"\x01\x02", ""}, Row{"(Bearer)", ""},
      Row{"\xC3\xA9 realm=x", ""});
  CAPTURE(row.field);
  CHECK(shown(row.field) == row.challenges);
}

TEST_CASE("Several fields are read in their order") {
  const Headers headers{{"WWW-Authenticate", "Basic realm=\"a"},
                        {"Content-Type", "text/plain"},
                        {"www-authenticate", "Bearer error=\"one\""},
                        {"WWW-AUTHENTICATE", "Bearer error=\"two\""}};
  CHECK(shown(headers) == "Basic; Bearer error=one; Bearer error=two");
  CHECK(bearer_challenge(headers)->param("error") == "one");
}

TEST_CASE("The first Bearer challenge is found whatever its case, and none where there is none") {
  CHECK(bearer_challenge({{"WWW-Authenticate", "Basic realm=\"x\", bEARER error=\"y\""}})->param("error") ==
        "y");
  CHECK_FALSE(bearer_challenge({{"WWW-Authenticate", "Basic realm=\"Bearer\""}}));
  CHECK_FALSE(bearer_challenge({{"WWW-Authenticate", "Bearerx error=\"y\""}}));
  CHECK_FALSE(bearer_challenge({}));
}

TEST_CASE("Of a parameter that comes twice the first counts") {
  CHECK(bearer_challenge({{"WWW-Authenticate", "Bearer error=a, error=b"}})->param("error") == "a");
}

TEST_CASE("Garbage ends the reading and nothing else") {
  clickflow::testing::RandomText random(4);
  const std::vector<std::string> parts{"Bearer", " ",  ",",  "=",    "\"", "\\",  "realm",
                                       "a",      "==", "\t", "\x01", "/",  "\xff"};
  for (int round = 0; round < 5'000; ++round) {
    std::string field;
    for (size_t i = random.number(20); i > 0; --i) field += random.one_of(parts);
    for (const auto& challenge : parse_challenges({{"WWW-Authenticate", field}})) {
      if (!clickflow::http::is_valid_name(challenge.scheme)) FAIL("no scheme: " + field);
      for (const auto& [name, value] : challenge.params) {
        if (!clickflow::http::is_valid_name(name)) FAIL("no name: " + field);
      }
    }
  }
}
