#include "clickflow/http/headers.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using clickflow::http::Headers;
using clickflow::http::is_valid_name;
using clickflow::http::is_valid_value;

TEST_CASE("Header names compare without case") {
  const Headers headers{{"Content-Type", "a"}, {"X-One", "1"}, {"x-one", "2"}};
  CHECK(headers.get("content-type") == "a");
  CHECK(headers.get("X-ONE") == "1");
  CHECK(headers.all("X-One") == std::vector<std::string_view>{"1", "2"});
  CHECK_FALSE(headers.get("X-On"));
  CHECK_FALSE(headers.get("X-One2"));
  CHECK(headers.all("none").empty());
  // Only letters have case: [ and { are not one.
  CHECK_FALSE(clickflow::http::equal_without_case("[", "{"));
}

TEST_CASE("Setting a header replaces every field of that name") {
  Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
  headers.set("A", "4");
  CHECK(headers.all("a") == std::vector<std::string_view>{"4"});
  CHECK(headers.get("B") == "2");
  headers.add("A", "5");
  CHECK(headers.all("a") == std::vector<std::string_view>{"4", "5"});
}

TEST_CASE("The fields of one name make one list") {
  const Headers headers{
      {"Connection", " keep-alive ,\tclose"}, {"X", "y"}, {"connection", ",,te,"}, {"Connection", ""}};
  CHECK(headers.elements("Connection") == std::vector<std::string_view>{"keep-alive", "close", "te"});
  CHECK(headers.elements("none").empty());
}

TEST_CASE("A name that could end the line or the field is none") {
  CHECK(is_valid_name("X-Organization-Id"));
  CHECK(is_valid_name("!#$%&'*+-.^_`|~09azAZ"));
  const auto name = GENERATE(as<std::string>{}, "", "a b", "a:", "a\r", "a\n", "a\t", "a\xC3\xA9", "a(",
                             "a\"", "a/", "a[", "a\x7f", std::string("a\0b", 3));
  CAPTURE(name);
  CHECK_FALSE(is_valid_name(name));
}

TEST_CASE("A value that could begin another header is none") {
  CHECK(is_valid_value(""));
  CHECK(is_valid_value("org_abc123"));
  CHECK(is_valid_value("a b\tc; d=\"e\""));
  const auto value = GENERATE(as<std::string>{}, "a\r\nAuthorization: Bearer x", "a\nb", "a\rb", "\n", " a",
                              "a ", "\ta", "a\t", " ", "a\x7f", "a\x1b", "a\x01", "\xC3\xA9",
                              std::string("a\0b", 3), std::string("\0", 1));
  CAPTURE(value);
  CHECK_FALSE(is_valid_value(value));
}
