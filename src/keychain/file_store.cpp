#include "file_store.h"

#include "clickflow/base/file.h"
#include "clickflow/base/sha256.h"
#include "problem.h"
#include "wiped_text.h"

namespace clickflow::keychain {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view format = "clickflow-mcp secret 1\n";
constexpr size_t digest_size = 64;
constexpr size_t header_size = format.size() + digest_size + 1;

bool is_there(const fs::path& path) {
  std::error_code failure;
  return fs::symlink_status(path, failure).type() != fs::file_type::not_found;
}

Result<void> require_private(const fs::path& path) {
  return check_private(path).map_error([](Error error) {
    if (error.code == ErrorCode::forbidden) error.code = ErrorCode::keychain_refused;
    return error;
  });
}

}  // namespace

Result<std::optional<Secret>> FileStore::read(const std::string& key, const Cancellation&) {
  const fs::path file = file_of(key);
  if (!is_there(file)) return std::nullopt;
  for (const fs::path& path : {folder_, file}) {
    if (auto good = require_private(path); !good) return tl::make_unexpected(good.error());
  }
  auto content = read_file(file);
  if (!content) return tl::make_unexpected(content.error());
  const WipedText all(std::move(*content));
  const std::string_view text = all.text;
  if (text.size() < header_size || !text.starts_with(format))
    return damaged(description(), "it has another form");
  const std::string_view value = text.substr(header_size);
  if (text.substr(format.size(), digest_size) != sha256_hex(value)) {
    return damaged(description(), "it was changed or cut off");
  }
  return Secret(std::string(value));
}

Result<void> FileStore::write(const std::string& key, const Secret& secret, const Cancellation&) {
  if (is_there(folder_)) {
    if (auto good = require_private(folder_); !good) return good;
  }
  const std::string_view value = secret.expose();
  WipedText content;
  content.text.reserve(header_size + value.size());
  content.text.append(format).append(sha256_hex(value)).append("\n").append(value);
  return write_file(file_of(key), content.text);
}

Result<bool> FileStore::remove(const std::string& key, const Cancellation&) {
  const fs::path file = file_of(key);
  const std::string name = file.filename().string();
  const bool found = is_there(file);
  std::error_code failure;
  // With what a write that was killed has left beside it: that holds a secret as well.
  for (fs::directory_iterator entry(folder_, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code ignored;
    if (entry->path().filename().string().starts_with(name)) fs::remove(entry->path(), ignored);
  }
  if (is_there(file)) {
    return fail(ErrorCode::system, "The file " + file.string() + " can't be deleted.",
                "Delete it yourself: it is what you want to be rid of.");
  }
  return found;
}

fs::path FileStore::file_of(const std::string& key) const {
  return folder_ / sha256_hex(key);
}

std::string FileStore::description() const {
  return "the folder " + folder_.string();
}

tl::unexpected<Error> FileStore::late() const {
  return fail(ErrorCode::timed_out, "The folder " + folder_.string() + " did not answer in time.",
              "See whether the disk that it is on can be reached, then try again.");
}

}  // namespace clickflow::keychain
