#include "clickflow/mcp/scope.h"

#include <algorithm>

namespace clickflow::mcp {
namespace {

constexpr std::string_view prefix = "tools:";

bool is_segment(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
  });
}

// Segments joined by dots, the last of which may be `*`.
bool is_pattern(std::string_view text) {
  for (;;) {
    const size_t dot = text.find('.');
    if (dot == std::string_view::npos) return text == "*" || is_segment(text);
    if (!is_segment(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

Result<Scope> Scope::parse(std::string_view text) {
  if (text.starts_with(prefix) && is_pattern(text.substr(prefix.size()))) return Scope(text);
  return fail(ErrorCode::invalid_input, "\"" + std::string(text) + "\" is not a scope.",
              "A scope is tools:* for all tools, tools:platform.* for those of a namespace, or "
              "tools:platform.list_roadmap_items for one.");
}

bool Scope::allows(std::string_view tool) const {
  std::string_view pattern = std::string_view(text_).substr(prefix.size());
  if (!pattern.ends_with('*')) return tool == pattern;
  pattern.remove_suffix(1);
  return tool.size() > pattern.size() && tool.starts_with(pattern);
}

bool any_allows(const std::vector<Scope>& scopes, std::string_view tool) {
  return std::any_of(scopes.begin(), scopes.end(), [&](const Scope& scope) { return scope.allows(tool); });
}

std::string scope_for(std::string_view tool) {
  return std::string(prefix) + std::string(tool);
}

}  // namespace clickflow::mcp
