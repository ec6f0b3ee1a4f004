#include "clickflow/mcp/scope.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using clickflow::mcp::any_allows;
using clickflow::mcp::Scope;

TEST_CASE("A scope grants what the document says it grants") {
  struct Row {
    const char* scope;
    const char* tool;
    bool allowed;
  };
  const auto row =
      GENERATE(Row{"tools:platform.list_roadmap_items", "platform.list_roadmap_items", true},
               Row{"tools:platform.list_roadmap_items", "platform.list_roadmap_items_2", false},
               Row{"tools:platform.list_roadmap_items", "platform.list", false},
               Row{"tools:agents.*", "agents.run", true}, Row{"tools:agents.*", "agents.team.run", true},
               Row{"tools:agents.*", "agents", false}, Row{"tools:agents.*", "agents.", false},
               Row{"tools:agents.*", "agentsx.run", false}, Row{"tools:agents.*", "platform.run", false},
               Row{"tools:platform.*", "Platform.run", false}, Row{"tools:*", "anything", true},
               Row{"tools:*", "platform.list_roadmap_items", true}, Row{"tools:search", "search", true},
               Row{"tools:search", "search.web", false});
  CAPTURE(row.scope, row.tool);
  CHECK(Scope::parse(row.scope)->allows(row.tool) == row.allowed);
}

TEST_CASE("What is not in the grammar is no scope") {
  const auto text =
      GENERATE("", "tools", "tools:", "tool:*", "*", "platform.*", "tools:plat*", "tools:*.list",
               "tools:platform.*.x", "tools:platform.", "tools:.x", "tools:a..b", "tools:**",
               "tools:platform.* ", " tools:*", "Tools:*", "tools:a b", "tools:a,b", "tools:é");
  CAPTURE(text);
  const auto scope = Scope::parse(text);
  REQUIRE_FALSE(scope);
  CHECK(scope.error().code == clickflow::ErrorCode::invalid_input);
}

TEST_CASE("Without scopes nothing is allowed") {
  CHECK_FALSE(any_allows({}, "platform.list_roadmap_items"));
}
