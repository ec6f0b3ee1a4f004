#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "backend.h"
#include "clickflow/keychain/secret_store.h"

namespace clickflow::keychain {

/// A SecretStore whose calls come back within a limit, whatever the backend does: they run one after another
/// in a thread of its own, and a caller whose time is up goes without the outcome. Calls behind one that
/// hangs time out too and are then never made.
class BoundedStore final : public SecretStore {
 public:
  BoundedStore(std::unique_ptr<Backend> backend, std::chrono::milliseconds limit);
  /// Gives up what runs, and waits a moment for it. A backend that doesn't return even then is left behind
  /// with its thread; it is freed if it ever does.
  ~BoundedStore() override;

  Result<std::optional<Secret>> read(const std::string& key) override;
  Result<void> write(const std::string& key, const Secret& secret) override;
  Result<bool> remove(const std::string& key) override;
  std::string description() const override;

 private:
  struct Worker;

  template <class T>
  Result<T> within_limit(std::function<Result<T>(Backend&, const Cancellation&)> call);

  const std::chrono::milliseconds limit_;
  const std::shared_ptr<Worker> worker_;
};

}  // namespace clickflow::keychain
