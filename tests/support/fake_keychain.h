#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "clickflow/keychain/secret_store.h"

namespace clickflow::testing {

/// A keychain in memory, which can be made to fail. Any thread may call.
class FakeKeychain : public keychain::SecretStore {
 public:
  Result<std::optional<Secret>> read(const std::string& key) override {
    std::lock_guard lock(mutex_);
    ++reads;
    if (read_failure) return tl::make_unexpected(*read_failure);
    const auto found = entries_.find(key);
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
  }
  Result<void> write(const std::string& key, const Secret& secret) override {
    std::lock_guard lock(mutex_);
    ++writes;
    if (write_failure) return tl::make_unexpected(*write_failure);
    entries_.insert_or_assign(key, secret);
    return {};
  }
  Result<bool> remove(const std::string& key) override {
    std::lock_guard lock(mutex_);
    if (write_failure) return tl::make_unexpected(*write_failure);
    return entries_.erase(key) > 0;
  }
  std::string description() const override { return "a keychain in memory"; }

  std::vector<std::string> keys() const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, secret] : entries_) names.push_back(name);
    return names;
  }

  // Set while no other thread calls.
  std::optional<Error> read_failure;
  std::optional<Error> write_failure;
  int reads = 0;
  int writes = 0;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Secret> entries_;
};

}  // namespace clickflow::testing
