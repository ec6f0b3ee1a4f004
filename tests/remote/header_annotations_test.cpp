#include "../../src/remote/header_annotations.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using clickflow::remote::annotated_parameters;

namespace {

// "Name:path/to/it", in order.
std::vector<std::string> found(const std::string& schema) {
  const auto parameters = annotated_parameters(schema);
  REQUIRE(parameters);
  std::vector<std::string> texts;
  for (const auto& parameter : *parameters) {
    std::string text = parameter.name + ":";
    for (const auto& step : parameter.path) text += "/" + step;
    texts.push_back(text);
  }
  return texts;
}

std::string with_property(const std::string& property) {
  return R"({"type":"object","properties":{"a":)" + property + "}}";
}

}  // namespace

TEST_CASE("Annotated parameters are found at any depth that properties lead to") {
  CHECK(found(R"({"type":"object","properties":{
    "region":{"type":"string","x-mcp-header":"Region"},
    "plain":{"type":"string"},
    "options":{"type":"object","properties":{
      "limit":{"x-mcp-header":"Limit","type":"integer"},
      "de\u0065p":{"properties":{"x":{"type":"boolean","x-mcp-header":"Deep"}}}}}}})") ==
        std::vector<std::string>{"Region:/region", "Limit:/options/limit", "Deep:/options/deep/x"});
}

TEST_CASE("A schema without annotations has none to follow") {
  CHECK(found(GENERATE("", "null", "true", "{}", R"({"properties":[]})", R"({"properties":{"a":true}})"))
            .empty());
}

TEST_CASE("What only looks like an annotation is none") {
  const auto schema =
      GENERATE(std::string(R"({"properties":{"x-mcp-header":{"type":"string"}}})"),
               with_property(R"({"type":"string","default":{"x-mcp-header":"A"}})"),
               with_property(R"({"enum":[{"x-mcp-header":"A"}],"const":{"x-mcp-header":"A"}})"),
               with_property(R"({"examples":[{"x-mcp-header":"A"}],"description":"x-mcp-header"})"));
  CAPTURE(schema);
  CHECK(found(schema).empty());
}

TEST_CASE("A parameter that may also be null is a primitive one") {
  CHECK(found(with_property(R"({"type":["string","null"],"x-mcp-header":"A"})")).size() == 1);
}

TEST_CASE("Annotations that can't be followed are refused, in words") {
  struct Row {
    std::string schema;
    const char* words;
  };
  const auto row = GENERATE(
      Row{with_property(R"({"type":"string","x-mcp-header":""})"), "can't be in a header's name"},
      Row{with_property(R"({"type":"string","x-mcp-header":"My Region"})"), "can't be in a header's name"},
      Row{with_property(R"({"type":"string","x-mcp-header":"Region:Primary"})"),
          "can't be in a header's name"},
      Row{with_property(R"({"type":"string","x-mcp-header":"Région"})"), "can't be in a header's name"},
      Row{with_property(R"({"type":"string","x-mcp-header":"A\r\nB"})"), "can't be in a header's name"},
      Row{with_property(R"({"type":"string","x-mcp-header":true})"), "is no string"},
      Row{with_property(R"({"type":"object","x-mcp-header":"A"})"), "something else than a string"},
      Row{with_property(R"({"type":"array","x-mcp-header":"A"})"), "something else than a string"},
      Row{with_property(R"({"type":"null","x-mcp-header":"A"})"), "something else than a string"},
      Row{with_property(R"({"type":"number","x-mcp-header":"A"})"), "something else than a string"},
      Row{with_property(R"({"type":["string","number"],"x-mcp-header":"A"})"),
          "something else than a string"},
      Row{with_property(R"({"type":["null"],"x-mcp-header":"A"})"), "something else than a string"},
      Row{with_property(R"({"x-mcp-header":"A"})"), "something else than a string"},
      Row{R"({"properties":{"a":{"type":"string","x-mcp-header":"MyField"},
                            "b":{"type":"string","x-mcp-header":"myfield"}}})",
          "is another parameter's as well"},
      Row{R"({"type":"string","x-mcp-header":"A"})", "no property's value is certain"});
  CAPTURE(row.schema);
  const auto parameters = annotated_parameters(row.schema);
  REQUIRE_FALSE(parameters);
  CHECK(parameters.error().find(row.words) != std::string::npos);
}

TEST_CASE("An annotation where the value is not certain to be makes them all invalid") {
  const std::string annotated = R"({"type":"string","x-mcp-header":"A"})";
  const std::string within = R"({"properties":{"b":)" + annotated + "}}";
  const std::string schema = GENERATE_COPY(
      with_property(R"({"items":)" + annotated + "}"), with_property(R"({"items":[)" + annotated + "]}"),
      with_property(R"({"items":)" + within + "}"), R"({"oneOf":[{},)" + within + "]}",
      R"({"anyOf":[)" + within + "]}", R"({"allOf":[)" + within + "]}", R"({"not":)" + within + "}",
      R"({"if":)" + within + "}", R"({"then":)" + within + "}", R"({"else":)" + within + "}",
      R"({"$defs":{"d":)" + within + "}}", R"({"definitions":{"d":)" + annotated + "}}",
      R"({"patternProperties":{"^a":)" + annotated + "}}", R"({"additionalProperties":)" + annotated + "}",
      R"({"dependentSchemas":{"d":)" + within + "}}", with_property(R"({"allOf":[)" + within + "]}"));
  CAPTURE(schema);
  const auto parameters = annotated_parameters(schema);
  REQUIRE_FALSE(parameters);
  CHECK(parameters.error() == "an x-mcp-header stands where no property's value is certain");
}
