#include "clickflow/sandbox/shared_json_file.h"

#include <spdlog/fmt/fmt.h>

#include <nlohmann/json.hpp>

namespace clickflow::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr int lock_limit_ms = 2000;
constexpr const char* no_file = "none";
constexpr const char* unread = "unread";

// Changes whenever the file is replaced: write_file() renames a new one over it.
std::string stamp_of(const fs::path& file) {
  std::error_code failure;
  const auto time = fs::last_write_time(file, failure);
  if (failure) return no_file;
  const auto size = fs::file_size(file, failure);
  return fmt::format("{}/{}", time.time_since_epoch().count(), failure ? 0 : size);
}

}  // namespace

SharedJsonFile::SharedJsonFile(fs::path file, std::string remedy)
    : file_(std::move(file)), remedy_(std::move(remedy)), stamp_(unread) {}

Result<void> SharedJsonFile::reload(const std::function<void(const Json&)>& take) {
  const std::string stamp = stamp_of(file_);
  if (stamp == stamp_) return {};
  std::string text = "null";
  if (stamp != no_file) {
    auto read = read_file(file_);
    if (!read) return tl::make_unexpected(read.error());
    text = *std::move(read);
  }
  const Json json = parse_json(text);
  if (json.is_discarded()) {
    return fail(ErrorCode::invalid_input, file_.string() + " is damaged: it is not valid JSON.", remedy_);
  }
  try {
    take(json);
  } catch (const std::exception& e) {
    return fail(ErrorCode::invalid_input, file_.string() + " is damaged: " + e.what() + ".", remedy_);
  }
  stamp_ = stamp;
  return {};
}

Result<FileLock> SharedJsonFile::lock() const {
  return FileLock::acquire(file_.string() + ".lock", lock_limit_ms);
}

Result<void> SharedJsonFile::write(const Json& json) {
  stamp_ = unread;  // until it is there, the file is not what is in memory
  auto written = write_file(file_, to_readable_text(json) + "\n");
  if (written) stamp_ = stamp_of(file_);
  return written;
}

}  // namespace clickflow::sandbox
