#include "system_paths.h"

namespace clickflow::paths {

Result<Folders> system_folders() {
  return home().map([](const std::filesystem::path& home) {
    Folders folders;
    folders.config = home / "Library/Application Support/clickflow-mcp";
    folders.cache = home / "Library/Caches/clickflow-mcp";
    folders.state = folders.config / "state";
    folders.runtime = folders.state / "run";
    return folders;
  });
}

}  // namespace clickflow::paths
