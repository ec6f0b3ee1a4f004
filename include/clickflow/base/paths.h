#pragma once

#include <filesystem>

#include "clickflow/base/error.h"

/// Where the program keeps what is the user's, one folder per purpose. With CLICKFLOW_HOME set they are
/// `cache` and `state` in that folder; otherwise what the system's customs ask for, each
/// with `clickflow-mcp` at the end:
///
/// - Linux: the XDG base directories, `~/.cache` and `~/.local/state` by default.
/// - macOS: `~/Library/Caches`; state is a folder in `~/Library/Application Support`.
/// - Windows: `cache` and `state` in %LOCALAPPDATA%\clickflow-mcp.
///
/// Nothing is made here: write_file() and
/// FileLock make folders when there is something to put into them, with mode 0700. Fails with `system` where
/// the user has no home.
namespace clickflow::paths {

/// What can be fetched again.
Result<std::filesystem::path> cache();
/// What must outlast a restart, and belongs to this machine: logs, locks.
Result<std::filesystem::path> state();

}  // namespace clickflow::paths
