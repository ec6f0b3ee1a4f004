#include "clickflow/keychain/secret_store.h"

#include <mutex>
#include <set>

#include "bounded_store.h"
#include "clickflow/base/log.h"
#include "clickflow/base/paths.h"
#include "file_store.h"

namespace clickflow::keychain {
namespace {

Result<std::filesystem::path> folder_of(const Settings& settings) {
  if (settings.folder) return *settings.folder;
  return paths::state().map([](const std::filesystem::path& state) { return state / "tokens"; });
}

void warn_once(const std::filesystem::path& folder) {
  static std::mutex mutex;
  static std::set<std::filesystem::path> warned;
  {
    std::lock_guard lock(mutex);
    if (!warned.insert(folder).second) return;
  }
  log::warn("Tokens are kept in files, in {}. Whoever can read your files can use them.", folder.string());
}

Result<std::unique_ptr<Backend>> make_backend(const Settings& settings) {
  if (settings.kind == Settings::Kind::system) return make_system_backend(settings.may_prompt);
  return folder_of(settings).map([](const std::filesystem::path& folder) -> std::unique_ptr<Backend> {
    warn_once(folder);
    return std::make_unique<FileStore>(folder);
  });
}

}  // namespace

Result<std::unique_ptr<SecretStore>> make_secret_store(const Settings& settings) {
  const auto limit = settings.limit.value_or(settings.may_prompt ? attended_limit : unattended_limit);
  return make_backend(settings).map([&](std::unique_ptr<Backend> backend) -> std::unique_ptr<SecretStore> {
    return std::make_unique<BoundedStore>(std::move(backend), limit);
  });
}

}  // namespace clickflow::keychain
