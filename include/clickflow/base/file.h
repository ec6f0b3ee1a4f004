#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "clickflow/base/error.h"

namespace clickflow {

/// The whole file. `invalid_input` where there is none, `system` where it can't be read.
Result<std::string> read_file(const std::filesystem::path& path);

/// Replaces the file at once or not at all (a temporary file beside it, synced, then renamed), with mode
/// 0600, and makes its folder with mode 0700. A reader sees the old text or the new one.
Result<void> write_file(const std::filesystem::path& path, std::string_view text);

/// An exclusive lock between processes, held while the object lives and let go by the operating system when
/// the process dies. The file it stands on stays, empty.
class FileLock {
 public:
  /// Waits for at most `milliseconds`, then fails with `timed_out`. Its folder is made with mode 0700.
  static Result<FileLock> acquire(const std::filesystem::path& path, int milliseconds);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(intptr_t handle) : handle_(handle) {}
  intptr_t handle_;
};

}  // namespace clickflow
