#include "clickflow/mcp/input_request.h"

#include <catch2/catch_test_macros.hpp>

using namespace clickflow::mcp;

TEST_CASE("The questions of a result are read in its order, under the server's names") {
  const std::string result =
      R"({"resultType":"input_required","inputRequests":{"b\n":{"method":"roots/list"},"a":{"method":"elicitation/create","params":{"message":"m"}},"x":3},"requestState":"s"})";
  CHECK(is_input_required(result));
  const auto requests = input_requests_in(result);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].key == R"("b\n")");
  CHECK(requests[0].method == "roots/list");
  CHECK(requests[0].params.empty());
  CHECK(requests[1].params == R"({"message":"m"})");
}

TEST_CASE("Only input_required asks for input") {
  CHECK_FALSE(is_input_required(R"({"resultType":"complete","inputRequests":{}})"));
  CHECK_FALSE(is_input_required("{}"));
  CHECK_FALSE(is_input_required(R"({"resultType":3})"));
}

TEST_CASE("A host takes what it declared, and in the form that it declared") {
  const std::string link = R"({"mode":"url","url":"https://a.b"})";
  CHECK(is_taken_by(R"({"elicitation":{}})", "elicitation/create", "{}"));
  CHECK_FALSE(is_taken_by(R"({"elicitation":{}})", "elicitation/create", link));
  CHECK(is_taken_by(R"({"elicitation":{"url":{}}})", "elicitation/create", link));
  CHECK_FALSE(is_taken_by(R"({"elicitation":{"url":{}}})", "elicitation/create", R"({"mode":"form"})"));
  CHECK(is_taken_by(R"({"elicitation":{"url":{},"form":{}}})", "elicitation/create", R"({"mode":"form"})"));
  CHECK_FALSE(is_taken_by("{}", "elicitation/create", "{}"));
  CHECK(is_taken_by(R"({"sampling":{}})", "sampling/createMessage", "{}"));
  CHECK_FALSE(is_taken_by(R"({"sampling":{}})", "sampling/createMessage", R"({"tools":[]})"));
  CHECK_FALSE(is_taken_by(R"({"sampling":{}})", "sampling/createMessage", R"({"toolChoice":{}})"));
  CHECK(is_taken_by(R"({"sampling":{"tools":{}}})", "sampling/createMessage", R"({"tools":[]})"));
  CHECK(is_taken_by(R"({"roots":{}})", "roots/list", ""));
  CHECK_FALSE(is_taken_by(R"({"sampling":{}})", "roots/list", ""));
  CHECK_FALSE(is_taken_by(R"({"tools":{}})", "tools/list", ""));
}
