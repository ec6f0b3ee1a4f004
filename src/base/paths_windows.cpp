#include <windows.h>

#include <knownfolders.h>
#include <objbase.h>
#include <shlobj.h>

#include "system_paths.h"

namespace clickflow::paths {

Result<Folders> system_folders() {
  // Asked of the system: hosts start us with a trimmed environment.
  PWSTR local = nullptr;
  const HRESULT outcome = ::SHGetKnownFolderPath(FOLDERID_LocalAppData, KF_FLAG_DEFAULT, nullptr, &local);
  const std::filesystem::path root = SUCCEEDED(outcome) ? std::filesystem::path(local) / "clickflow-mcp" : "";
  ::CoTaskMemFree(local);
  if (root.empty()) {
    return fail(ErrorCode::system, "Windows does not say where your application data is.",
                "Set CLICKFLOW_HOME to a folder of your own.");
  }
  return Folders{root / "cache", root / "state"};
}

}  // namespace clickflow::paths
