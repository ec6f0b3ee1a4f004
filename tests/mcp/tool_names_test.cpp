#include "clickflow/mcp/tool_names.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <set>

#include "support/random_text.h"

using clickflow::mcp::is_safe_tool_name;
using clickflow::mcp::ToolNames;
using clickflow::testing::RandomText;

namespace {

// Names that lie near to each other: alike but for what is replaced, as long as the limit, and such as we
// make.
std::vector<std::string> near_names(RandomText& random) {
  std::vector<std::string> names;
  for (size_t i = 1 + random.number(7); i > 0; --i) {
    std::string name;
    for (size_t n = 1 + random.number(3); n > 0; --n)
      name += random.one_of<std::string>({"a", "b", ".", "_", "-", "/", " ", "\xC3\xA9", "a.b", "a_b"});
    if (random.chance(15)) name += std::string(60 + random.number(6), 'x');
    if (random.chance(15)) name += "." + std::string(64, 'y');
    names.push_back(name);
  }
  // The adversary: names that are spelt as the shown forms of the others.
  for (int round = 0; round < 2; ++round) {
    const ToolNames shown(names);
    const std::string victim = random.one_of(names);
    if (random.chance(60)) names.push_back(shown.shown(victim));
    if (random.chance(30)) names.push_back(shown.shown(victim) + ".");
  }
  return names;
}

}  // namespace

TEST_CASE("A name that every host takes is safe") {
  CHECK(is_safe_tool_name("a"));
  CHECK(is_safe_tool_name("Read_file-2"));
  CHECK(is_safe_tool_name(std::string(64, 'x')));
  const auto unsafe = GENERATE(as<std::string>{}, "", "a.b", "a b", "a/b", "\xC3\xA9", "a\n",
                               std::string(65, 'x'), std::string("a\0b", 3));
  CHECK_FALSE(is_safe_tool_name(unsafe));
}

TEST_CASE("ClickFlow's names lose their dot and nothing else") {
  const ToolNames names({"platform.list_roadmap_items", "workflows.get_status", "search"});
  CHECK(names.shown("platform.list_roadmap_items") == "platform_list_roadmap_items");
  CHECK(names.shown("workflows.get_status") == "workflows_get_status");
  CHECK(names.shown("search") == "search");
  CHECK(names.real("platform_list_roadmap_items") == "platform.list_roadmap_items");
  CHECK(names.real("platform.list_roadmap_items") == "platform.list_roadmap_items");
  CHECK(names.real("search") == "search");
}

TEST_CASE("Two tools that would get one name get two") {
  const ToolNames names({"a.b", "a/b", "a_b"});
  CHECK(names.shown("a_b") == "a_b");
  const std::string dot = names.shown("a.b"), slash = names.shown("a/b");
  CHECK(dot != slash);
  // "a_b_" and the first 4 bytes of SHA-256("a.b").
  CHECK(dot == "a_b_2e7336dc");
  CHECK(names.real(dot) == "a.b");
  CHECK(names.real(slash) == "a/b");
  CHECK(names.real("a_b") == "a_b");
}

TEST_CASE("A name that is too long is cut, and still tells itself from its like") {
  const std::string one = std::string(70, 'x') + "1", two = std::string(70, 'x') + "2";
  const ToolNames names({one, two});
  CHECK(names.shown(one).size() == 64);
  CHECK(names.shown(one) != names.shown(two));
  CHECK(names.real(names.shown(one)) == one);
}

TEST_CASE("A name that is not in the list stays as it is") {
  const ToolNames names({"a.b"});
  CHECK(names.shown("c.d") == "c.d");
  CHECK(names.real("c_d") == "c_d");
  CHECK_FALSE(names.knows("c.d"));
  CHECK(names.knows("a.b"));
  CHECK(names.knows("a_b"));
  CHECK(ToolNames().real("x") == "x");
}

TEST_CASE("Whatever a server calls its tools, a host sees safe names, no two alike, each leading back") {
  RandomText random(64);
  for (int round = 0; round < 3'000; ++round) {
    const auto list = near_names(random);
    CAPTURE(round, list);
    const ToolNames names(list);
    const std::set<std::string> real(list.begin(), list.end());
    std::set<std::string> shown;
    for (const auto& name : real) {
      const std::string form = names.shown(name);
      if (!is_safe_tool_name(form)) FAIL(form + " is not safe");
      if (!shown.insert(form).second) FAIL(form + " is shown twice");
      if (names.real(form) != name) FAIL(form + " leads elsewhere");
      if (is_safe_tool_name(name) && form != name) FAIL(name + " was safe and is changed");
    }
  }
}

TEST_CASE("The shown names depend neither on the order of the list nor on repetitions") {
  RandomText random(65);
  for (int round = 0; round < 500; ++round) {
    auto list = near_names(random);
    const ToolNames names(list);
    const auto before = list;
    list.push_back(random.one_of(list));
    for (size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[random.number(i - 1)]);
    const ToolNames others(list);
    CAPTURE(round, list);
    for (const auto& name : before) {
      if (names.shown(name) != others.shown(name)) FAIL(name + " is shown as another");
    }
  }
}
