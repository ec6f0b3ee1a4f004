#include "canonical_json.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/message.h"

namespace clickflow::bridge::modern_host {
namespace {

namespace json = mcp::json;

// No deeper than json::max_depth.
void append(std::string& text, std::string_view value) {
  if (json::is_object(value)) {
    std::vector<std::pair<std::string, std::string_view>> members;
    json::Members reader(value);
    while (const auto member = reader.next()) members.emplace_back(json::decode(member->key), member->value);
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    text += '{';
    for (const auto& [name, member] : members) {
      text.append(json::encode(name)).append(":");
      append(text, member);
      text += ',';
    }
    text += '}';
  } else if (json::is_array(value)) {
    json::Elements reader(value);
    text += '[';
    while (const auto element = reader.next()) {
      append(text, *element);
      text += ',';
    }
    text += ']';
  } else if (json::is_string(value)) {
    text += json::encode(json::decode(value));
  } else if (json::is_number(value)) {
    text += mcp::id_key(value);
  } else {
    text += value;
  }
}

}  // namespace

std::string canonical_json(std::string_view value) {
  std::string text;
  append(text, value);
  return text;
}

}  // namespace clickflow::bridge::modern_host
