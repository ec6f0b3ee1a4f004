#include "clickflow/mcp/json_edit.h"

#include "clickflow/mcp/json.h"

namespace clickflow::mcp::json {

std::string with_member(std::string_view object, std::string_view name, std::string_view value) {
  if (!is_object(object)) object = "{}";
  if (const auto old = member(object, name)) {
    const auto at = static_cast<size_t>(old->data() - object.data());
    std::string changed(object.substr(0, at));
    return changed.append(value).append(object.substr(at + old->size()));
  }
  const auto end = object.rfind('}');
  std::string changed(object.substr(0, end));
  if (Members(object).next()) changed += ',';
  return changed.append(encode(name)).append(":").append(value).append(object.substr(end));
}

std::string without_member(std::string_view object, std::string_view name) {
  if (!member(object, name)) return std::string(object);
  std::string kept = "{";
  Members members(object);
  while (const auto each = members.next()) {
    if (says(each->key, name)) continue;
    if (kept.size() > 1) kept += ',';
    kept.append(each->key).append(":").append(each->value);
  }
  return kept + '}';
}

}  // namespace clickflow::mcp::json
