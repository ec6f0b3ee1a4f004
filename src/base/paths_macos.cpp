#include "system_paths.h"

namespace clickflow::paths {

Result<Folders> system_folders() {
  return home().map([](const std::filesystem::path& home) {
    return Folders{home / "Library/Caches/clickflow-mcp",
                   home / "Library/Application Support/clickflow-mcp/state"};
  });
}

}  // namespace clickflow::paths
