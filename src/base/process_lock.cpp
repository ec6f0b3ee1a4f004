#include "clickflow/base/process_lock.h"

#include <algorithm>
#include <string>

#include "clickflow/base/paths.h"

namespace clickflow {
namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

}  // namespace

Result<FileLock> lock_for_user(std::string_view name, int milliseconds) {
  if (name.empty() || name.size() > 100 || !std::all_of(name.begin(), name.end(), is_name_char)) {
    return fail(ErrorCode::invalid_input, "A lock can't have this name.", "Please report this as a bug.");
  }
  const auto state = paths::state();
  if (!state) return tl::make_unexpected(state.error());
  return FileLock::acquire(*state / "locks" / (std::string(name) + ".lock"), milliseconds);
}

}  // namespace clickflow
