#include "../../../src/bridge/modern_host/canonical_json.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "support/random_text.h"

using clickflow::bridge::modern_host::canonical_json;
using namespace clickflow::testing;

TEST_CASE("All spellings of a value have one canonical text") {
  CHECK(canonical_json(R"({"a":1,"b":[true,"x"]})") ==
        canonical_json(R"({ "b" : [ true , "\u0078" ] , "\u0061" : 1.0 })"));
  CHECK(canonical_json(R"({"a":{"c":1,"b":2}})") == canonical_json(R"({"a":{"b":2,"c":1}})"));
  CHECK(canonical_json("100") == canonical_json("1e2"));
}

TEST_CASE("Different values have different canonical texts") {
  CHECK(canonical_json(R"(["a","b"])") != canonical_json(R"(["b","a"])"));
  CHECK(canonical_json(R"(["a,b"])") != canonical_json(R"(["a","b"])"));
  CHECK(canonical_json(R"("1")") != canonical_json("1"));
  CHECK(canonical_json(R"("n1")") != canonical_json("1"));
  CHECK(canonical_json("{}") != canonical_json("[]"));
  CHECK(canonical_json(R"({"a":null})") != canonical_json("{}"));
  CHECK(canonical_json(R"({"a":1})") != canonical_json(R"({"b":1})"));
}

TEST_CASE("Two values have one canonical text just where a JSON library finds them equal") {
  RandomText random(77);
  std::string before = "{}";
  for (int round = 0; round < 2000; ++round) {
    const std::string text = "[" + random.json() + "]";
    std::vector<std::set<std::string>> names;
    bool has_doubles = false;
    const auto parsed = nlohmann::json::parse(
        text,
        [&](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
          using Event = nlohmann::json::parse_event_t;
          if (event == Event::object_start) names.emplace_back();
          if (event == Event::object_end) names.pop_back();
          if (event == Event::key) has_doubles |= !names.back().insert(value.get<std::string>()).second;
          return true;
        },
        false);
    const auto other = nlohmann::json::parse(before, nullptr, false);
    if (parsed.is_discarded() || other.is_discarded()) continue;
    // Of members with one name the library keeps the last only.
    if (!has_doubles) CHECK(canonical_json(text) == canonical_json(parsed.dump()));
    CHECK((canonical_json(parsed.dump()) == canonical_json(other.dump())) == (parsed == other));
    before = text;
  }
}
