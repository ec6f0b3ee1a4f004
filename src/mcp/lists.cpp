#include "clickflow/mcp/lists.h"

#include "clickflow/mcp/json.h"

namespace clickflow::mcp {

std::optional<List> list_of_method(std::string_view method) {
  for (const auto& names : lists)
    if (names.method == method) return names.list;
  return {};
}

std::string_view elements_of(List list, std::string_view result) {
  const auto elements = json::member(result, names_of(list).member);
  return elements && json::is_array(*elements) ? *elements : std::string_view();
}

std::string_view next_cursor(std::string_view result) {
  const auto cursor = json::member(result, "nextCursor");
  return cursor && json::is_string(*cursor) ? *cursor : std::string_view();
}

std::string empty_list(List list) {
  return "{" + json::encode(names_of(list).member) + ":[]}";
}

}  // namespace clickflow::mcp
