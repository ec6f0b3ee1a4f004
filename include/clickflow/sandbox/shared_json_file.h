#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "clickflow/base/error.h"
#include "clickflow/base/file.h"
#include "clickflow/sandbox/json.h"

namespace clickflow::sandbox {

/// A JSON file with mode 0600 that several processes read and replace: it remembers which version was seen
/// last. One thread at a time.
class SharedJsonFile {
 public:
  /// `remedy` is what a person can do where the file is damaged.
  SharedJsonFile(std::filesystem::path file, std::string remedy);

  /// Calls `take` with what the file holds (null where there is none), if that is not what was read or
  /// written last. `invalid_input` where it is no JSON or `take` throws, `system` where it can't be read.
  Result<void> reload(const std::function<void(const Json&)>& take);

  /// Held while the file is read, changed and written. `timed_out` where another holds it for 2 s.
  Result<FileLock> lock() const;

  /// After a failure (`system`), and an exception where the JSON is no UTF-8, the next reload() reads the
  /// file again.
  Result<void> write(const Json& json);

 private:
  const std::filesystem::path file_;
  const std::string remedy_;
  std::string stamp_;
};

}  // namespace clickflow::sandbox
