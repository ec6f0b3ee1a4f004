#include "clickflow/mcp/lists.h"

#include <catch2/catch_test_macros.hpp>

using namespace clickflow::mcp;

TEST_CASE("Each list is known by its method, and is at its place in the table") {
  for (const auto& names : lists) {
    CHECK(list_of_method(names.method) == names.list);
    CHECK(names_of(names.list).method == names.method);
  }
  CHECK_FALSE(list_of_method("tools/call"));
}

TEST_CASE("The elements of a list are its array, and nothing else") {
  CHECK(elements_of(List::tools, R"({"tools":[ 1,2 ],"x":3})") == "[ 1,2 ]");
  CHECK(elements_of(List::tools, R"({"tools":5})").empty());
  CHECK(elements_of(List::prompts, R"({"tools":[]})").empty());
  CHECK(elements_of(List::resource_templates, empty_list(List::resource_templates)) == "[]");
}

TEST_CASE("A cursor is a string") {
  CHECK(next_cursor(R"({"nextCursor":"a"})") == "\"a\"");
  CHECK(next_cursor(R"({"nextCursor":null})").empty());
  CHECK(next_cursor("{}").empty());
}
