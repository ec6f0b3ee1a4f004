#include "clickflow/mcp/capabilities.h"

#include <catch2/catch_test_macros.hpp>

using namespace clickflow::mcp;

TEST_CASE("Tasks are taken out of capabilities in both of their forms, and nothing else is") {
  CHECK(
      without_tasks(
          R"({"roots":{"x":1.50},"tasks":{},"extensions":{"io.modelcontextprotocol/tasks":{},"a/b":{}}})") ==
      R"({"roots":{"x":1.50},"extensions":{"a/b":{}}})");
  CHECK(without_tasks(R"({ "roots" : {} })") == R"({ "roots" : {} })");
  CHECK(without_tasks("{}") == "{}");
}

TEST_CASE("The extension is told from the tasks of the core") {
  CHECK(declares_tasks_extension(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})"));
  CHECK_FALSE(declares_tasks_extension(R"({"tasks":{},"extensions":{"a/b":{}}})"));
  CHECK_FALSE(declares_tasks_extension("{}"));
}
