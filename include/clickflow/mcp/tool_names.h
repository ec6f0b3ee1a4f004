#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace clickflow::mcp {

/// True for what every host takes: 1 to 64 of A-Z, a-z, 0-9, `_` and `-`.
bool is_safe_tool_name(std::string_view name);

/// The names under which a host sees a server's tools. Safe names stay. In others every other character
/// becomes `_`; where that would give two tools one name, or more than 64 characters, the end of it becomes 8
/// digits of the real name's SHA-256, so that the name depends neither on the order of the list nor on the
/// day.
class ToolNames {
 public:
  ToolNames() = default;
  /// All tools of a server: with a part of them a collision could go unseen.
  explicit ToolNames(std::vector<std::string> real_names);

  /// What the host sees. A name that is not in the list is shown as it is.
  std::string shown(const std::string& real) const;
  /// What the server knows: a shown name wins over a real one of the same spelling, and an unknown name
  /// stays.
  std::string real(const std::string& name) const;
  bool knows(const std::string& name) const { return real_.contains(name) || shown_.contains(name); }

 private:
  std::map<std::string, std::string> shown_;  // by real name
  std::map<std::string, std::string> real_;   // by shown name
};

}  // namespace clickflow::mcp
