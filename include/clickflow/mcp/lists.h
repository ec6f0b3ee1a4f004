#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/mcp/capabilities.h"

/// The lists that a server has for a host, in both eras.
namespace clickflow::mcp {

enum class List { tools, prompts, resources, resource_templates };

struct ListNames {
  List list;
  std::string_view member;  ///< of the result, an array
  std::string_view method;  ///< of the request
  ListChange change;        ///< how a server that has it tells that it has changed
};

constexpr std::array<ListNames, 4> lists{
    {{List::tools, "tools", "tools/list", list_changes[0]},
     {List::prompts, "prompts", "prompts/list", list_changes[1]},
     {List::resources, "resources", "resources/list", list_changes[2]},
     {List::resource_templates, "resourceTemplates", "resources/templates/list", list_changes[2]}}};

constexpr const ListNames& names_of(List list) {
  return lists[static_cast<size_t>(list)];
}

/// Nothing for a method that asks for no list.
std::optional<List> list_of_method(std::string_view method);

/// The elements, as JSON; empty where the result has no such array.
std::string_view elements_of(List list, std::string_view result);

/// As JSON; empty on the last page.
std::string_view next_cursor(std::string_view result);

/// A list without elements, as a result.
std::string empty_list(List list);

}  // namespace clickflow::mcp
