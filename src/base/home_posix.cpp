#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "system_paths.h"

namespace clickflow::paths {

Result<std::filesystem::path> home() {
  const char* variable = std::getenv("HOME");
  if (variable && *variable == '/') return variable;
  // Some hosts start us with next to no environment.
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found &&
      *found->pw_dir == '/') {
    return found->pw_dir;
  }
  return fail(ErrorCode::system, "It can't be told where your home folder is.",
              "Set HOME, or CLICKFLOW_HOME to a folder of your own.");
}

}  // namespace clickflow::paths
