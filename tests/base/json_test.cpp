#include "clickflow/base/json.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <chrono>

#include "support/json.h"

using namespace clickflow;

TEST_CASE("A document is written as it was read, its members in their order") {
  const auto* text = GENERATE(
      R"({"z":1,"a":{"y":[],"b":{}},"m":[-1,2.5,18446744073709551615,"é\"\n",true,false,null,[[{"k":0}]]]})",
      "{}", "[]", R"("text")", "-7", "null", R"({"":{"":""}})");
  CHECK(to_text(parse_json(text)) == text);
}

TEST_CASE("What is no JSON is discarded") {
  const auto* text = GENERATE("", " ", "{", "[1,]", R"({"a":1,})", R"({"a" 1})", "nul", "1 2", "01", "'a'",
                              "{1:2}", "[1}", R"("\ud800")", "\"\xff\"", "1e999", "// a\n1");
  CAPTURE(text);
  CHECK(parse_json(text).is_discarded());
}

TEST_CASE("Of members of one name the last counts, in the place of the first") {
  CHECK(to_text(parse_json(R"({"a":1,"b":{"x":1,"x":2},"a":[3],"c":4,"\u0061":5})")) ==
        R"({"a":5,"b":{"x":2},"c":4})");
}

TEST_CASE("Bytes that are no UTF-8 are written as U+FFFD") {
  const Json json{{"a\xff", "\xc3("}};
  CHECK(to_text(json) == "{\"a\uFFFD\":\"\uFFFD(\"}");
  CHECK(to_readable_text(json) == "{\n  \"a\uFFFD\": \"\uFFFD(\"\n}");
  CHECK(to_sorted_text(json) == to_text(json));
}

TEST_CASE("The sorted text of a document does not depend on the order of its members") {
  const auto* text = R"({"a":[{"c":[],"d":2}],"b":1})";
  CHECK(to_sorted_text(parse_json(R"({"b":1,"a":[{"d":2,"c":[]}]})")) == text);
  CHECK(to_sorted_text(parse_json(text)) == text);
}

TEST_CASE("A document that nests deeper than 512 is discarded") {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(to_text(parse_json(nested(512))) == nested(512));
  CHECK(parse_json(nested(513)).is_discarded());
  CHECK(parse_json(std::string(1'000'000, '[')).is_discarded());
  std::string objects = "1";
  for (int i = 0; i < 512; ++i) objects = R"({"a":)" + objects + R"(,"b":2})";
  CHECK(to_text(parse_json(objects)) == objects);
  CHECK(parse_json("[" + objects + "]").is_discarded());
}

TEST_CASE("An object of very many members is read in a moment") {
  constexpr size_t count = 50'000;
  std::string text = "{";
  for (size_t i = 0; i < count; ++i) text += (i ? ",\"" : "\"") + std::to_string(i) + "\":1";
  const auto began = std::chrono::steady_clock::now();
  CHECK(parse_json(text + "}").size() == count);
  // Looking for each among those before it takes ten seconds and more.
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
}
