#include "clickflow/mcp/json_edit.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "support/random_text.h"

using namespace clickflow::mcp::json;
using clickflow::testing::RandomText;

TEST_CASE("A member is set in its place, and all else stays byte for byte") {
  CHECK(with_member(R"({ "a" : 1 , "b":[ 2 ] })", "a", "\"x\"") == R"({ "a" : "x" , "b":[ 2 ] })");
  CHECK(with_member(R"({"a":1.50})", "b", "{}") == R"({"a":1.50,"b":{}})");
  CHECK(with_member("{}", "b", "2") == R"({"b":2})");
  CHECK(with_member(R"({"\u0061":1})", "a", "2") == R"({"\u0061":2})");
}

TEST_CASE("What is no object is taken for an empty one when a member is set") {
  CHECK(with_member("", "a", "1") == R"({"a":1})");
  CHECK(with_member("[1]", "a", "1") == R"({"a":1})");
}

TEST_CASE("A member is taken out, however often it stands there") {
  CHECK(without_member(R"({"a":1,"b":2,"a":3})", "a") == R"({"b":2})");
  CHECK(without_member(R"({ "a":1 })", "a") == "{}");
  CHECK(without_member(R"({ "b":1 })", "a") == R"({ "b":1 })");
  CHECK(without_member("", "a").empty());
}

TEST_CASE("Setting and taking out do what a JSON library does") {
  RandomText random(2026);
  for (int round = 0; round < 2000; ++round) {
    const std::string value = random.json_string();
    nlohmann::json model = nlohmann::json::object();
    for (size_t i = random.number(4); i > 0; --i) model[std::string(1, static_cast<char>('a' + i))] = i;
    const std::string name(1, static_cast<char>('a' + random.number(5)));
    const std::string before = model.dump(random.number(1) == 0 ? -1 : 2);
    const auto expected_value = nlohmann::json::parse(value, nullptr, false);
    if (expected_value.is_discarded()) continue;  // a lone surrogate, which the library refuses
    auto changed = model;
    changed[name] = expected_value;
    CHECK(nlohmann::json::parse(with_member(before, name, value)) == changed);
    model.erase(name);
    CHECK(nlohmann::json::parse(without_member(before, name)) == model);
  }
}

TEST_CASE("An object is made of its members, and of none") {
  CHECK(ObjectText().text() == "{}");
  CHECK(ObjectText().add("a", "1").add_if_any("b", "").add("c\"", "[2]").text() == R"({"a":1,"c\"":[2]})");
}
