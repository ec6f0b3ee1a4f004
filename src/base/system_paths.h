#pragma once

#include "clickflow/base/error.h"
#include "clickflow/base/paths.h"

namespace clickflow::paths {

struct Folders {
  std::filesystem::path cache, state;
};

/// As this operating system wants them, CLICKFLOW_HOME aside.
Result<Folders> system_folders();

/// The user's home folder (POSIX only).
Result<std::filesystem::path> home();

}  // namespace clickflow::paths
