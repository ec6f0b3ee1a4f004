#include "clickflow/base/paths.h"

#include <cstdlib>

#include "system_paths.h"

namespace clickflow::paths {
namespace {

Result<Folders> folders() {
  const char* home = std::getenv("CLICKFLOW_HOME");
  if (!home || !*home) return system_folders();
  const std::filesystem::path root = std::filesystem::absolute(home);
  return Folders{root / "cache", root / "state"};
}

}  // namespace

Result<std::filesystem::path> cache() {
  return folders().map([](Folders all) { return std::move(all.cache); });
}

Result<std::filesystem::path> state() {
  return folders().map([](Folders all) { return std::move(all.state); });
}

}  // namespace clickflow::paths
