#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

/// The lists that a server has for a host, in both eras.
namespace clickflow::mcp {

enum class List { tools, prompts, resources, resource_templates };

struct ListNames {
  List list;
  std::string_view member;      ///< of the result, an array
  std::string_view method;      ///< of the request
  std::string_view capability;  ///< of a server that has it
  std::string_view changed;     ///< of the notification
  std::string_view filter;      ///< in `subscriptions/listen` (2026-07-28, "Notification Filter")
};

constexpr std::array<ListNames, 4> lists{
    {{List::tools, "tools", "tools/list", "tools", "notifications/tools/list_changed", "toolsListChanged"},
     {List::prompts, "prompts", "prompts/list", "prompts", "notifications/prompts/list_changed",
      "promptsListChanged"},
     {List::resources, "resources", "resources/list", "resources", "notifications/resources/list_changed",
      "resourcesListChanged"},
     {List::resource_templates, "resourceTemplates", "resources/templates/list", "resources",
      "notifications/resources/list_changed", "resourcesListChanged"}}};

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
