#pragma once

#include <string_view>

#include "clickflow/base/file.h"

namespace clickflow {

/// The lock of this name among all processes of the user: `<state>/locks/<name>.lock`. (Not in a folder for
/// what runs: two processes of one user may see different ones, a desktop's and a cron job's.) The name is 1
/// to 100 of a-z, 0-9, "-", "_" and "."; anything else is `invalid_input`. Waits and fails as
/// FileLock::acquire() does.
Result<FileLock> lock_for_user(std::string_view name, int milliseconds);

}  // namespace clickflow
