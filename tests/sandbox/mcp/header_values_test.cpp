#include "clickflow/sandbox/mcp/header_values.h"

#include <catch2/catch_test_macros.hpp>

#include "clickflow/sandbox/json.h"
#include "support/json.h"

using namespace clickflow;
using namespace clickflow::sandbox;

namespace {

const Json schema = parse_json(R"({"type": "object", "properties": {
    "region": {"type": "string", "x-mcp-header": "Region"},
    "dry": {"type": "boolean", "x-mcp-header": "Dry-Run"},
    "query": {"type": "string"}}})");

bool fits(std::map<std::string, std::string> headers, const char* arguments) {
  Request request;
  request.headers = std::move(headers);
  return !parameter_mismatch(request, schema, parse_json(arguments));
}

}  // namespace

TEST_CASE("A header value is its characters, or what its base64 stands for") {
  CHECK(decode_header_value("us-west1") == "us-west1");
  CHECK(decode_header_value("") == "");
  CHECK(decode_header_value("=?base64?SGVsbG8sIOS4lueVjA==?=") == "Hello, 世界");
  CHECK(decode_header_value("=?base64?IHBhZGRlZCA=?=") == " padded ");
  CHECK(decode_header_value("=?base64?bGluZTEKbGluZTI=?=") == "line1\nline2");
  CHECK(decode_header_value("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=") == "=?base64?literal?=");
  CHECK(decode_header_value("=?base64?\?=") == "");
  CHECK(decode_header_value("=?BASE64?SGk=?=") == "=?BASE64?SGk=?=");  // the marks are case-sensitive
  CHECK(decode_header_value("=?base64?=") == "=?base64?=");            // too short for both marks
}

TEST_CASE("A header value that no field may have, or that is no base64, stands for nothing") {
  CHECK_FALSE(decode_header_value("世界"));
  CHECK_FALSE(decode_header_value("a\nb"));
  CHECK_FALSE(decode_header_value("a\x7f"));
  CHECK_FALSE(decode_header_value("=?base64?SGk?="));  // no padding
  CHECK_FALSE(decode_header_value("=?base64?SG==k===?="));
  CHECK_FALSE(decode_header_value("=?base64?SGl=?="));  // bits that the encoder would not have left
  CHECK_FALSE(decode_header_value("=?base64?_-8=?="));  // the alphabet of URLs
  CHECK_FALSE(decode_header_value("=?base64?a b=?="));
}

TEST_CASE("A marked argument and its header say the same, or are both missing") {
  CHECK(fits({{"mcp-param-region", "us"}}, R"({"region": "us", "query": "q"})"));
  CHECK(fits({{"mcp-param-region", "=?base64?dXM=?="}}, R"({"region": "us"})"));
  CHECK(fits({{"mcp-param-region", ""}}, R"({"region": ""})"));
  CHECK(
      fits({{"mcp-param-region", "us"}, {"mcp-param-dry-run", "true"}}, R"({"region": "us", "dry": true})"));
  CHECK(fits({}, R"({"query": "q"})"));
  CHECK(fits({}, R"({"region": null})"));
  CHECK(fits({{"mcp-param-other", "x"}}, "{}"));
  CHECK(fits({}, "[]"));

  CHECK_FALSE(fits({}, R"({"region": "us"})"));
  CHECK_FALSE(fits({}, R"({"region": ""})"));
  CHECK_FALSE(fits({{"mcp-param-region", "eu"}}, R"({"region": "us"})"));
  CHECK_FALSE(fits({{"mcp-param-region", "US"}}, R"({"region": "us"})"));
  CHECK_FALSE(fits({{"mcp-param-region", "=?base64?dX?="}}, R"({"region": "us"})"));
  CHECK_FALSE(fits({{"mcp-param-region", "us"}}, "{}"));
  CHECK_FALSE(fits({{"mcp-param-region", ""}}, "{}"));
  CHECK_FALSE(fits({{"mcp-param-region", "null"}}, R"({"region": null})"));
  CHECK_FALSE(
      fits({{"mcp-param-region", "us"}, {"mcp-param-dry-run", "True"}}, R"({"region": "us", "dry": true})"));
}
