#include "../../src/remote/parameter_headers.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/stateless_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using remote::ParameterHeaders;

namespace {

const std::string region = R"({"region":{"type":"string","x-mcp-header":"Region"}})";
const std::string wrong = R"({"region":{"type":"object","x-mcp-header":"Region"}})";

std::string learnt(ParameterHeaders& headers, const std::string& list, const std::string& cursor = {}) {
  const auto asked = request("1", "tools/list", cursor.empty() ? "{}" : R"({"cursor":")" + cursor + "\"}");
  return headers.learn(asked, message(mcp::make_result("1", list))).text();
}

// The names that a tool wants in headers, or "unknown".
std::string wanted(const ParameterHeaders& headers, const std::string& tool) {
  const auto parameters = headers.of(tool);
  if (!parameters) return "unknown";
  std::string names;
  for (const auto& parameter : *parameters) names += parameter.name + " ";
  return names;
}

}  // namespace

TEST_CASE("What a tool wants in headers is learnt from the list that shows it") {
  ParameterHeaders headers;
  CHECK(wanted(headers, "a") == "unknown");
  const std::string list = tool_list(tool("a", region) + ", " + tool("b"));
  CHECK(learnt(headers, list) == mcp::make_result("1", list));
  CHECK(wanted(headers, "a") == "Region ");
  CHECK(wanted(headers, "b").empty());
  CHECK(wanted(headers, "c").empty());  // there is no such tool, and the server will say so
}

TEST_CASE("A later list takes the place of an earlier one") {
  ParameterHeaders headers;
  learnt(headers, tool_list(tool("a", region) + "," + tool("b", region)));
  learnt(headers, tool_list(tool("a") + "," + tool("c", region)));
  CHECK(wanted(headers, "a").empty());
  CHECK(wanted(headers, "b").empty());
  CHECK(wanted(headers, "c") == "Region ");
}

TEST_CASE("A tool that no page has shown yet is unknown until the last page has been seen") {
  ParameterHeaders headers;
  learnt(headers, tool_list(tool("a", region), "p2"));
  CHECK(wanted(headers, "a") == "Region ");
  CHECK(wanted(headers, "b") == "unknown");
  learnt(headers, tool_list(tool("b", region), "p3"), "p2");
  CHECK(wanted(headers, "b") == "Region ");
  CHECK(wanted(headers, "c") == "unknown");
  learnt(headers, tool_list(tool("c", region)), "p3");
  CHECK(wanted(headers, "a") == "Region ");
  CHECK(wanted(headers, "c") == "Region ");
  CHECK(wanted(headers, "d").empty());
}

TEST_CASE("A page of another list adds what it shows, and is not taken for a whole list") {
  ParameterHeaders headers;
  learnt(headers, tool_list(tool("a", region), "p2"));
  learnt(headers, tool_list(tool("z", region)), "other");
  CHECK(wanted(headers, "a") == "Region ");
  CHECK(wanted(headers, "z") == "Region ");
  CHECK(wanted(headers, "b") == "unknown");
}

TEST_CASE("A tool whose annotations can't be followed is left out of the list, and nothing else is touched") {
  struct Row {
    std::string before;
    std::string after;
  };
  const std::string a = R"({ "name" : "a" , "x":1e2})", b = tool("b", region), bad = tool("bad", wrong);
  const auto row = GENERATE_COPY(
      Row{a + "," + bad + "," + b, a + "," + b}, Row{bad + "," + a, a}, Row{a + "," + bad, a}, Row{bad, ""},
      Row{bad + "," + bad + "," + b + "," + bad, b}, Row{"7," + bad + ",null", "7,null"});
  ParameterHeaders headers;
  const std::string head = R"({"_meta":{"x":[ 1 ]},"tools":)", tail = R"( ,"nextCursor":"p","ttlMs":1.0})";
  CHECK(learnt(headers, head + "[" + row.before + "]" + tail) ==
        mcp::make_result("1", head + "[" + row.after + "]" + tail));
}

TEST_CASE("An answer without a list of tools passes as it is") {
  ParameterHeaders headers;
  for (const char* result : {"{}", R"({"tools":7})", R"({"tools":null})", "[]"})
    CHECK(learnt(headers, result) == mcp::make_result("1", result));
  const auto error = message(mcp::make_error("1", mcp::method_not_found, "no"));
  CHECK(headers.learn(request("1", "tools/list"), error).text() == error.text());
}
