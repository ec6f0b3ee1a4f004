#include <cstdlib>

#include "system_paths.h"

namespace clickflow::paths {
namespace {

namespace fs = std::filesystem;

// XDG Base Directory Specification 0.8: a relative path is to be ignored.
fs::path from_environment(const char* variable, const fs::path& otherwise) {
  const char* value = std::getenv(variable);
  return value && *value == '/' ? fs::path(value) : otherwise;
}

}  // namespace

Result<Folders> system_folders() {
  return home().map([](const fs::path& home) {
    Folders folders;
    folders.cache = from_environment("XDG_CACHE_HOME", home / ".cache") / "clickflow-mcp";
    folders.state = from_environment("XDG_STATE_HOME", home / ".local/state") / "clickflow-mcp";
    return folders;
  });
}

}  // namespace clickflow::paths
