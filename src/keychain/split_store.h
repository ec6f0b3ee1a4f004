#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend.h"
#include "clickflow/base/file.h"

namespace clickflow::keychain {

/// A keychain whose entries are too small for a token: named entries of at most `most` bytes.
class PartStore {
 public:
  /// What Windows takes: CRED_MAX_CREDENTIAL_BLOB_SIZE, which mingw's header has as the 512 of old Windows.
  static constexpr size_t most = 2560;

  virtual ~PartStore() = default;

  /// Appends what the entry holds to `text`, which has room for `most` bytes more. False if there is no such
  /// entry.
  virtual Result<bool> read(const std::string& name, std::string& text) = 0;
  /// Makes or replaces one entry, at once or not at all. People see `account` beside it.
  virtual Result<void> write(const std::string& name, const std::string& account, std::string_view bytes) = 0;
  /// A name that isn't there is no error.
  virtual Result<void> remove(const std::string& name) = 0;
  /// Of all entries whose names begin so.
  virtual Result<std::vector<std::string>> names(const std::string& prefix) = 0;
  /// Keeps other processes from writing while it is held; readers need none.
  virtual Result<FileLock> lock() = 0;

  virtual std::string description() const = 0;
};

/// Entries of any length on entries of a few bytes. With `name` being the SHA-256 of the key (the names of
/// Windows know no case), the value lies in parts `name#<generation>.<n>`, and the head entry, `name`, says
/// which generation it is, how many parts there are and the SHA-256 of the whole. A write makes the parts of
/// a new generation, then replaces the head, then removes every other part; so whoever reads, whenever a
/// writer is killed, finds the old value or the new one.
class SplitStore final : public Backend {
 public:
  explicit SplitStore(std::unique_ptr<PartStore> parts) : parts_(std::move(parts)) {}

  Result<std::optional<Secret>> read(const std::string& key, const Cancellation& given_up) override;
  Result<void> write(const std::string& key, const Secret& secret, const Cancellation& given_up) override;
  Result<bool> remove(const std::string& key, const Cancellation& given_up) override;
  std::string description() const override { return parts_->description(); }

 private:
  /// Removes the parts under `name`, but for those of the generation `kept`.
  Result<void> remove_parts(const std::string& name, const std::string& kept);

  const std::unique_ptr<PartStore> parts_;
};

}  // namespace clickflow::keychain
