#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/base/error.h"
#include "clickflow/base/process.h"

namespace clickflow {

/// The whole file. `invalid_input` where there is none, `system` where it can't be read.
Result<std::string> read_file(const std::filesystem::path& path);

/// Replaces the file at once or not at all (a temporary file beside it, synced, then renamed), with mode
/// 0600, and makes its folder with mode 0700. A reader sees the old text or the new one.
Result<void> write_file(const std::filesystem::path& path, std::string_view text);

/// `forbidden` where anybody but the user (and the administrator) may read or change this file or folder, or
/// it is another user's. On Windows always a success: a profile's folders are closed to others from the
/// start.
Result<void> check_private(const std::filesystem::path& path);

/// An exclusive lock between processes, held while the object lives and let go by the operating system when
/// the process dies, however it dies. The file it stands on stays; while the lock is held it says who holds
/// it.
class FileLock {
 public:
  /// Waits for at most `milliseconds`, then fails with `timed_out`, naming the holder. Its folder is made
  /// with mode 0700. `system` on the rare file systems that know no locks.
  static Result<FileLock> acquire(const std::filesystem::path& path, int milliseconds);

  /// Who holds the lock, or was killed while it did.
  static std::optional<ProcessIdentity> holder(const std::filesystem::path& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(intptr_t handle) : handle_(handle) {}
  intptr_t handle_;
};

}  // namespace clickflow
