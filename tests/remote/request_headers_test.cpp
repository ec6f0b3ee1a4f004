#include "../../src/remote/request_headers.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/messages.h"

using namespace clickflow;
using namespace clickflow::testing;
using remote::header_text;
using remote::mirror;

namespace {

std::string mirrored(const mcp::Message& request, const std::string& name,
                     const std::vector<remote::ParameterHeader>& parameters = {}) {
  http::Headers headers;
  mirror(request, parameters, headers);
  return std::string(headers.get(name).value_or("none"));
}

std::string parameter(const std::string& arguments, std::vector<std::string> path) {
  return mirrored(request("1", "tools/call", R"({"name":"t","arguments":)" + arguments + "}"), "Mcp-Param-X",
                  {{"X", std::move(path)}});
}

}  // namespace

TEST_CASE("What a header can hold stays as it is, and everything else is encoded") {
  struct Row {
    const char* value;
    const char* text;
  };
  // The first rows are the specification's own.
  const auto row = GENERATE(
      Row{"us-west1", "us-west1"}, Row{"Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="},
      Row{" padded ", "=?base64?IHBhZGRlZCA=?="}, Row{"line1\nline2", "=?base64?bGluZTEKbGluZTI=?="},
      Row{"=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="}, Row{"us west 1", "us west 1"},
      Row{"a\tb", "a\tb"}, Row{"\tindented", "=?base64?CWluZGVudGVk?="},
      Row{"a\r\nX-Evil: 1", "=?base64?YQ0KWC1FdmlsOiAx?="}, Row{"=?base64?open", "=?base64?open"},
      Row{"=?BASE64?a?=", "=?BASE64?a?="},
      Row{"",
          "=?base64?"
          "?="},
      Row{"a\x7f", "=?base64?YX8=?="});
  CAPTURE(row.value);
  CHECK(header_text(row.value) == row.text);
}

TEST_CASE("A request's method and the revision in its own _meta are mirrored") {
  const auto list =
      request("1", "tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})");
  CHECK(mirrored(list, "Mcp-Method") == "tools/list");
  CHECK(mirrored(list, "MCP-Protocol-Version") == "2026-07-28");
  CHECK(mirrored(list, "Mcp-Name") == "none");
  CHECK(mirrored(request("1", "tools/list"), "MCP-Protocol-Version") == "none");
}

TEST_CASE("The thing that a request is about is mirrored as its name") {
  struct Row {
    const char* method;
    const char* params;
    const char* name;
  };
  const auto row = GENERATE(
      Row{"tools/call", R"({"name":"get\u005fweather","uri":"x"})", "get_weather"},
      Row{"tools/call", R"({"name":"wetter für"})", "=?base64?d2V0dGVyIGbDvHI=?="},
      Row{"prompts/get", R"({"name":"greeting"})", "greeting"},
      Row{"resources/read", R"({"uri":"file:///a%20b.txt","name":"x"})", "file:///a%20b.txt"},
      Row{"tasks/get", R"({"taskId":"t-1"})", "t-1"}, Row{"tasks/update", R"({"taskId":"t-1"})", "t-1"},
      Row{"tasks/cancel", R"({"taskId":"t-1"})", "t-1"}, Row{"tools/list", R"({"name":"x"})", "none"},
      Row{"completion/complete", R"({"name":"x"})", "none"}, Row{"tools/call", R"({"name":7})", "none"},
      Row{"tools/call", "{}", "none"});
  CAPTURE(row.method, row.params);
  CHECK(mirrored(request("1", row.method, row.params), "Mcp-Name") == row.name);
}

TEST_CASE("A parameter is mirrored as a text, whatever primitive it is, and null and structures are not") {
  struct Row {
    const char* value;
    const char* text;
  };
  const auto row =
      GENERATE(Row{"\"us-west1\"", "us-west1"}, Row{"\"\\u00e9\"", "=?base64?w6k=?="}, Row{"42", "42"},
               Row{"-7", "-7"}, Row{"0", "0"}, Row{"-0", "0"}, Row{"42.0", "42"}, Row{"4.2e1", "42"},
               Row{"-4200E-2", "-42"}, Row{"1e3", "1000"}, Row{"0.0e5", "0"},
               Row{"9007199254740991", "9007199254740991"}, Row{"3.5", "3.5"}, Row{"1e400", "1e400"},
               Row{"1e99999999999999999999", "1e99999999999999999999"}, Row{"true", "true"},
               Row{"false", "false"}, Row{"null", "none"}, Row{"[1]", "none"}, Row{"{}", "none"});
  CAPTURE(row.value);
  CHECK(parameter(std::string(R"({"a":)") + row.value + "}", {"a"}) == row.text);
}

TEST_CASE("A parameter is read at its very path, and omitted where there is none") {
  CHECK(parameter(R"({"a":{"b":{"c":1}},"c":2})", {"a", "b", "c"}) == "1");
  CHECK(parameter(R"({"a":{"b":1}})", {"a", "b", "c"}) == "none");
  CHECK(parameter(R"({"a":[1]})", {"a", "0"}) == "none");
  CHECK(parameter(R"({"b":1})", {"a"}) == "none");
  CHECK(parameter("null", {"a"}) == "none");
  CHECK(mirrored(request("1", "tools/call"), "Mcp-Param-X", {{"X", {"a"}}}) == "none");
}
