#include "clickflow/mcp/json_edit.h"

#include <initializer_list>

#include "clickflow/mcp/json.h"

namespace clickflow::mcp::json {
namespace {

// Of a large object there is one copy.
std::string join(std::initializer_list<std::string_view> pieces) {
  size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  std::string text;
  text.reserve(size);
  for (const auto piece : pieces) text += piece;
  return text;
}

}  // namespace

ObjectText& ObjectText::add(std::string_view name, std::string_view value) {
  if (text_.size() > 1) text_ += ',';
  text_.append(encode(name)).append(":").append(value);
  return *this;
}

ObjectText& ObjectText::add_if_any(std::string_view name, std::string_view value) {
  return value.empty() ? *this : add(name, value);
}

std::string with_member(std::string_view object, std::string_view name, std::string_view value) {
  if (!is_object(object)) object = "{}";
  if (const auto old = member(object, name)) {
    const auto at = static_cast<size_t>(old->data() - object.data());
    return join({object.substr(0, at), value, object.substr(at + old->size())});
  }
  const auto end = object.rfind('}');
  const std::string_view comma = Members(object).next() ? "," : "";
  return join({object.substr(0, end), comma, encode(name), ":", value, object.substr(end)});
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
