#include "clickflow/mcp/json.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <nlohmann/json.hpp>
#include <vector>

#include "support/random_text.h"

namespace json = clickflow::mcp::json;
using clickflow::testing::RandomText;

namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The text with what we take and the library doesn't replaced by something that both take: surrogates without
// their other half, and exponents beyond a double.
std::string without_differences(std::string text) {
  for (size_t at = text.find("\\u"); at != std::string::npos; at = text.find("\\u", at + 2)) {
    if (at + 6 > text.size()) continue;
    const bool surrogate =
        (text[at + 2] == 'd' || text[at + 2] == 'D') && is_hex(text[at + 3]) && text[at + 3] > '7';
    if (surrogate && is_hex(text[at + 4]) && is_hex(text[at + 5])) text.replace(at + 2, 4, "0041");
  }
  auto digit = [&](size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
  for (size_t at = 1; at < text.size(); ++at) {
    if ((text[at] != 'e' && text[at] != 'E') || !(digit(at - 1) || text[at - 1] == '.')) continue;
    size_t from = at + 1;
    if (from < text.size() && (text[from] == '+' || text[from] == '-')) ++from;
    while (digit(from) && digit(from + 1) && digit(from + 2)) text.erase(from, 1);
  }
  return text;
}

// RFC 8259, section 8.1: none may be added; the library skips one, we don't.
bool begins_with_mark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF");
}

std::string nested(int depth) {
  return std::string(static_cast<size_t>(depth), '[') + std::string(static_cast<size_t>(depth), ']');
}

}  // namespace

TEST_CASE("The reader agrees with a whole parser over 20000 texts, valid and spoilt") {
  RandomText random(20251125);
  int valid = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = random.json(3);
    if (i % 4 != 0) text = random.mutated(std::move(text));
    const bool expected = !begins_with_mark(text) && nlohmann::json::accept(without_differences(text));
    valid += expected;
    if (json::is_valid(text) != expected) {
      CAPTURE(i, text, nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
      CHECK(json::is_valid(text) == expected);
    }
  }
  // Both kinds came up often.
  CHECK(valid > 5'000);
  CHECK(valid < 17'000);
}

TEST_CASE("Members and elements are found where a whole parser finds them") {
  RandomText random(7);
  for (int i = 0; i < 2'000; ++i) {
    std::string text = random.json(3);
    if (i % 2) text = random.mutated(std::move(text));
    CAPTURE(i, text);
    const bool valid = json::is_valid(text);
    const auto parsed = nlohmann::json::parse(without_differences(text), nullptr, false);

    json::Members members(text);
    size_t count = 0;
    while (const auto member = members.next()) {
      ++count;
      if (!json::is_valid(member->key) || !json::is_valid(member->value)) FAIL("a member that is no JSON");
      if (!valid) continue;
      const auto name =
          nlohmann::json::parse(without_differences(std::string(member->key))).get<std::string>();
      if (!parsed.contains(name)) FAIL("no such member");
    }
    if (members.valid() != (valid && parsed.is_object())) FAIL("of another mind about the object");
    if (members.valid() && count < parsed.size()) FAIL("members were passed over");

    json::Elements elements(text);
    std::vector<std::string> found;
    while (const auto element = elements.next()) found.emplace_back(*element);
    if (elements.valid() != (valid && parsed.is_array())) FAIL("of another mind about the array");
    if (!elements.valid()) continue;
    REQUIRE(found.size() == parsed.size());
    for (size_t n = 0; n < found.size(); ++n) {
      if (nlohmann::json::parse(without_differences(found[n])) != parsed[n]) FAIL("another element");
    }
  }
}

TEST_CASE("Values stay the bytes that they are, without the white space around them") {
  json::Members members(" { \"a\" : 1.50e+1 ,\n\"\\u0062\":\t[ 1 , 2 ] } ");
  auto member = members.next();
  REQUIRE(member);
  CHECK(member->key == "\"a\"");
  CHECK(member->value == "1.50e+1");
  member = members.next();
  REQUIRE(member);
  CHECK(member->key == "\"\\u0062\"");
  CHECK(member->value == "[ 1 , 2 ]");
  CHECK_FALSE(members.next());
  CHECK(members.valid());
  CHECK_FALSE(members.next());
}

TEST_CASE("What is no object has no members, and what is no array no elements") {
  const auto text = GENERATE("", " ", "1", "\"a\"", "null", "[1]", "{\"a\":1", "{\"a\":1,}", "{,}", "{\"a\"}",
                             "{a:1}", "{\"a\":1}x", "{\"a\":1}{}");
  CAPTURE(text);
  json::Members members(text);
  while (members.next()) continue;
  CHECK_FALSE(members.valid());
}

TEST_CASE("An array that is not whole is no array") {
  const auto text = GENERATE("", "1", "{}", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "[1]x");
  CAPTURE(text);
  json::Elements elements(text);
  while (elements.next()) continue;
  CHECK_FALSE(elements.valid());
}

TEST_CASE("The first member of a name is found, however it is escaped") {
  CHECK(json::member(R"({"b":0,"\u0061":1,"a":2})", "a") == "1");
  CHECK(json::member(R"({"a":{"a":3}})", "a") == R"({"a":3})");
  CHECK_FALSE(json::member(R"({"b":{"a":3}})", "a"));
  CHECK_FALSE(json::member("[]", "a"));
  CHECK_FALSE(json::member("", "a"));
  CHECK(json::member(R"({"":1})", "") == "1");
}

TEST_CASE("A value ends where it ends, whatever follows") {
  CHECK(json::end_of_value("  12 ,") == 4);
  CHECK(json::end_of_value("x\"a\"y", 1) == 4);
  CHECK(json::end_of_value("[1]]") == 3);
  CHECK(json::end_of_value("01") == 1);
  CHECK_FALSE(json::end_of_value(""));
  CHECK_FALSE(json::end_of_value("  "));
  CHECK_FALSE(json::end_of_value("-"));
  CHECK_FALSE(json::end_of_value("\"a"));
  CHECK_FALSE(json::end_of_value("1", 5));
}

TEST_CASE("Nesting is taken down to the limit and no further") {
  CHECK(json::is_valid(nested(json::max_depth)));
  CHECK_FALSE(json::is_valid(nested(json::max_depth + 1)));
  CHECK_FALSE(json::is_valid(nested(1'000'000)));
  CHECK_FALSE(json::is_valid(std::string(1'000'000, '[')));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK_FALSE(json::is_valid(objects));
}

TEST_CASE("A number too large for a double is a number, and a lone surrogate a character") {
  CHECK(json::is_valid("1e999"));
  CHECK(json::is_valid("[-1E+400]"));
  CHECK(json::is_valid(R"("\ud800")"));
  CHECK(json::is_valid(R"("\udc00\ud800x")"));
}

TEST_CASE("A NUL or a control character spoils a string") {
  CHECK_FALSE(json::is_valid(std::string_view("\"a\0\"", 4)));
  CHECK_FALSE(json::is_valid(std::string_view("1\0", 2)));
  CHECK_FALSE(json::is_valid("\"a\nb\""));
  CHECK_FALSE(json::is_valid("\"\x1f\""));
  CHECK(json::is_valid("\"\x7f\""));
}

TEST_CASE("A string is decoded as a whole parser decodes it") {
  RandomText random(11);
  for (int i = 0; i < 2'000; ++i) {
    const std::string text = random.json_string();
    const auto parsed = nlohmann::json::parse(text, nullptr, false);
    if (parsed.is_discarded()) continue;  // it has a lone surrogate
    CAPTURE(text);
    if (json::decode(text) != parsed.get<std::string>()) FAIL("decoded otherwise");
    if (!json::says(text, parsed.get<std::string>())) FAIL("does not say what it says");
    if (json::says(text, parsed.get<std::string>() + "x")) FAIL("says what it does not say");
  }
}

TEST_CASE("A surrogate without its other half becomes U+FFFD, and everything else stays") {
  struct Row {
    const char* text;
    const char* characters;
  };
  const auto row = GENERATE(
      Row{R"("\ud800")", "\xEF\xBF\xBD"},
      Row{R"("a\udc00b")",
          "a\xEF\xBF\xBD"
          "b"},
      Row{R"("\ud800\ud83d\ude00")", "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
      Row{R"("\udc00\ud800")", "\xEF\xBF\xBD\xEF\xBF\xBD"}, Row{R"("\\ud800\ud800")", "\\ud800\xEF\xBF\xBD"},
      Row{R"("\\\ud800")", "\\\xEF\xBF\xBD"}, Row{R"("\\\\ud800\uD800\n")", "\\\\ud800\xEF\xBF\xBD\n"},
      Row{R"("\ud800\u0041")",
          "\xEF\xBF\xBD"
          "A"});
  CAPTURE(row.text);
  CHECK(json::decode(row.text) == row.characters);
  CHECK(json::says(row.text, row.characters));
}

TEST_CASE("What is encoded is one valid string that decodes to the same") {
  RandomText random(3);
  for (int i = 0; i < 1'000; ++i) {
    const std::string characters = json::decode(random.json_string());
    const std::string text = json::encode(characters);
    CAPTURE(characters, text);
    if (!json::is_valid(text) || !json::is_string(text) || json::decode(text) != characters)
      FAIL("not the same");
  }
  CHECK(json::encode("a\n\"\\\xC3\xA9") == "\"a\\n\\\"\\\\\xC3\xA9\"");
  CHECK(json::encode("\xff") == "\"\xEF\xBF\xBD\"");
  CHECK(json::is_valid(json::encode("\xED\xA0\x80\xC3")));
}

TEST_CASE("Only a string says something") {
  CHECK_FALSE(json::says("1", "1"));
  CHECK_FALSE(json::says("", ""));
  CHECK_FALSE(json::says("null", "null"));
  CHECK(json::says("\"\"", ""));
}
