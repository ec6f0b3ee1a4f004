#pragma once

#include <string_view>
#include <vector>

#include "clickflow/sandbox/time.h"

namespace clickflow::sandbox {

/// Which revisions of MCP there are: those with a handshake, those without, or both side by side (2026-07-28,
/// "Versioning and Compatibility").
enum class Protocol { dual, legacy, modern };

struct McpSettings {
  Protocol protocol = Protocol::dual;
  Clock clock = system_now;
  bool test_controls = false;  ///< adds the tools that are for tests only
};

/// The newest first.
std::vector<std::string_view> spoken_revisions(Protocol protocol);

}  // namespace clickflow::sandbox
