#pragma once

#include <string_view>

#include "process/support/host.h"

namespace clickflow::testing {

/// A RawServer of 2026-07-28: it has no sessions, and tells what it is ("raw") to whoever asks. What it has
/// no handler for is answered with an empty result.
struct ModernServer : RawServer {
  ModernServer();
};

/// A request as a host of that revision makes it. `params` are JSON, without `_meta`.
void request_modern(Host& host, std::string_view id, std::string_view method, std::string_view params = "{}");

}  // namespace clickflow::testing
