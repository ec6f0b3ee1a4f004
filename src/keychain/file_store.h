#pragma once

#include <filesystem>

#include "backend.h"

namespace clickflow::keychain {

/// Entries as files of one folder, for machines without a keychain. Each is replaced at once (write_file()),
/// has mode 0600, is named by the SHA-256 of its key, and begins with the SHA-256 of its value. The folder is
/// only used while nobody else has access to it.
class FileStore final : public Backend {
 public:
  explicit FileStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Result<std::optional<Secret>> read(const std::string& key, const Cancellation& given_up) override;
  Result<void> write(const std::string& key, const Secret& secret, const Cancellation& given_up) override;
  Result<bool> remove(const std::string& key, const Cancellation& given_up) override;
  std::string description() const override;
  tl::unexpected<Error> late() const override;

 private:
  std::filesystem::path file_of(const std::string& key) const;

  const std::filesystem::path folder_;
};

}  // namespace clickflow::keychain
