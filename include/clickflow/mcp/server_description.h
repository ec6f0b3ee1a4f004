#pragma once

#include <string>
#include <string_view>

namespace clickflow::mcp {

/// What a server says of itself, in either era: all JSON, and empty where it says nothing.
struct ServerDescription {
  std::string capabilities = "{}";
  std::string info;          ///< an Implementation
  std::string instructions;  ///< a string

  /// From the result of `initialize` (2025-11-25, "Lifecycle") or of `server/discover` (2026-07-28,
  /// "Discovery"; servers of its drafts have `serverInfo` beside `_meta`, which is taken too).
  static ServerDescription of(std::string_view result);

  /// The results in which a host is told. What exists in the other era only (tasks, in both of their forms)
  /// is left out of the capabilities where `translated`. `ttl_ms` is how long a host may take it for true.
  std::string initialize_result(std::string_view revision, bool translated) const;
  std::string discover_result(long long ttl_ms, bool translated) const;
};

}  // namespace clickflow::mcp
