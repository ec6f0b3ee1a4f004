#pragma once

#include <filesystem>

#include "clickflow/base/error.h"

/// Where the program keeps what is the user's, one folder per purpose. With CLICKFLOW_HOME set they are
/// `config`, `cache`, `state` and `run` in that folder; otherwise what the system's customs ask for, each
/// with `clickflow-mcp` at the end:
///
/// - Linux: the XDG base directories, `~/.config`, `~/.cache`, `~/.local/state` and $XDG_RUNTIME_DIR by
/// default.
/// - macOS: `~/Library/Application Support`, `~/Library/Caches`; state is a folder in the first.
/// - Windows: `config`, `cache` and `state` in %LOCALAPPDATA%\clickflow-mcp.
///
/// Where there is no runtime folder, it is `run` in the state folder. Nothing is made here: write_file() and
/// FileLock make folders when there is something to put into them, with mode 0700. Fails with `system` where
/// the user has no home.
namespace clickflow::paths {

/// What the person decided. Worth a backup.
Result<std::filesystem::path> config();
/// What can be fetched again.
Result<std::filesystem::path> cache();
/// What must outlast a restart, and belongs to this machine: logs, locks.
Result<std::filesystem::path> state();
/// What may vanish at logout. Two processes of one user may see different ones (a desktop's and a cron
/// job's), so nothing that they have to agree on belongs here.
Result<std::filesystem::path> runtime();

}  // namespace clickflow::paths
