#include "clickflow/bridge/catalog.h"

#include <system_error>
#include <utility>
#include <vector>

#include "catalog_json.h"
#include "clickflow/base/file.h"
#include "clickflow/base/log.h"
#include "clickflow/base/paths.h"
#include "clickflow/base/random.h"
#include "clickflow/base/sha256.h"

namespace clickflow::bridge {
namespace {

namespace fs = std::filesystem;

constexpr size_t largest_file = 16 * 1024 * 1024;
constexpr int lock_limit_ms = 2000;
constexpr size_t profile_digits = 16;
constexpr size_t key_digits = 32;
constexpr size_t account_digits = 16;
constexpr size_t generation_bytes = 16;

std::string digest(std::initializer_list<std::string_view> fields) {
  std::string all;
  // The lengths keep two fields from being taken for one.
  for (const auto field : fields) all += std::to_string(field.size()) + ":" + std::string(field);
  return sha256_hex(all);
}

std::string profile_digest(std::string_view profile) {
  return digest({"profile", profile}).substr(0, profile_digits);
}

std::string file_name(const Catalog::Key& key) {
  return profile_digest(key.profile) + "-" +
         digest({key.endpoint, key.organization, key.account}).substr(0, key_digits) + ".json";
}

fs::path lock_path(const fs::path& folder, std::string_view profile) {
  return folder / (profile_digest(profile) + ".lock");
}

fs::path generation_path(const fs::path& folder, std::string_view profile) {
  return folder / (profile_digest(profile) + ".generation");
}

void remove_file(const fs::path& file) {
  std::error_code problem;
  fs::remove(file, problem);
  if (problem) log::debug("{} can't be removed: {}", file.string(), problem.message());
}

// Why a file is not read, in words; empty if it may be.
std::string refusal(const fs::path& file) {
  std::error_code problem;
  const auto size = fs::file_size(file, problem);
  if (problem) return "it can't be read";
  if (size > largest_file) return "it is too large";
  if (const auto is_private = check_private(file); !is_private) return is_private.error().what;
  return {};
}

}  // namespace

Result<fs::path> Catalog::default_folder() {
  return paths::cache().map([](fs::path cache) { return cache / "catalog"; });
}

std::string Catalog::account_of_key(std::string_view key) {
  return digest({"key", key}).substr(0, account_digits);
}

Catalog::Catalog(fs::path folder, const Key& key)
    : folder_(std::move(folder)), profile_(key.profile), file_(folder_ / file_name(key)) {}

// Replaced by a file of the same name at every change of the profile's sign-in.
std::string Catalog::generation_of(const fs::path& folder, std::string_view profile) {
  return read_file(generation_path(folder, profile)).value_or("");
}

std::optional<ServerRecord> Catalog::load() {
  {
    // Before the file: what is read afterwards is at least as new.
    auto generation = generation_of(folder_, profile_);
    std::lock_guard lock(mutex_);
    generation_ = std::move(generation);
  }
  std::error_code problem;
  if (!fs::exists(fs::symlink_status(file_, problem))) return std::nullopt;
  auto drop = [&](std::string_view why) {
    log::warn("what was kept of the server's lists is dropped: {} ({})", why, file_.string());
    remove_file(file_);
    return std::nullopt;
  };
  if (const auto why = refusal(file_); !why.empty()) return drop(why);
  const auto text = read_file(file_);
  if (!text) return drop(text.error().what);
  auto record = read_record(*text);
  if (record) return std::move(*record);
  return drop(record.error() == RecordProblem::damaged ? "it is damaged"
                                                       : "it is of another version of this program");
}

void Catalog::store(const ServerRecord& record) {
  const std::string text = write_record(record);
  if (text.size() > largest_file) return log::debug("the server's lists are too large to be kept");
  std::optional<std::string> generation;
  {
    std::lock_guard lock(mutex_);
    generation = generation_;
  }
  const auto lock = FileLock::acquire(lock_path(folder_, profile_), lock_limit_ms);
  if (!lock) return log::debug("the server's lists are not kept: {}", lock.error().what);
  if (generation != generation_of(folder_, profile_))
    return log::debug("the server's lists are not kept: the sign-in has changed meanwhile");
  if (const auto written = write_file(file_, text); !written)
    log::debug("the server's lists are not kept: {}", written.error().what);
}

void Catalog::forget() {
  auto generation = begin_generation(folder_, profile_);
  std::lock_guard lock(mutex_);
  generation_ = std::move(generation);
}

void Catalog::forget_profile(const fs::path& folder, std::string_view profile) {
  begin_generation(folder, profile);
}

std::string Catalog::begin_generation(const fs::path& folder, std::string_view profile) {
  const auto lock = FileLock::acquire(lock_path(folder, profile), lock_limit_ms);
  if (!lock) log::debug("removing the lists that were kept, all the same: {}", lock.error().what);
  std::string generation = sha256_hex(random_bytes(generation_bytes)).substr(0, 2 * generation_bytes);
  if (const auto written = write_file(generation_path(folder, profile), generation); !written)
    log::debug("{}", written.error().what);
  const std::string prefix = profile_digest(profile) + "-";
  std::vector<fs::path> files;
  std::error_code problem;
  for (fs::directory_iterator each(folder, problem), end; !problem && each != end; each.increment(problem))
    if (each->path().filename().string().starts_with(prefix)) files.push_back(each->path());
  for (const auto& file : files) remove_file(file);
  return generation;
}

}  // namespace clickflow::bridge
