#include "clickflow/sandbox/oauth/ledger.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/base/file.h"
#include "ledger_json.h"

namespace clickflow::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr int lock_limit_ms = 2000;
constexpr size_t most_clients = 1000;
constexpr size_t most_grants = 1000;
constexpr size_t most_spent = 100;

// Changes whenever the file is replaced: write_file() renames a new one over it.
std::string stamp_of(const fs::path& file) {
  std::error_code failure;
  const auto time = fs::last_write_time(file, failure);
  if (failure) return "none";
  const auto size = fs::file_size(file, failure);
  return fmt::format("{}/{}", time.time_since_epoch().count(), failure ? 0 : size);
}

template <class Entries>
auto find(Entries& entries, std::string_view id) -> decltype(entries.data()) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.id == id; });
  return found == entries.end() ? nullptr : &*found;
}

template <class Entry>
void keep_newest(std::vector<Entry>& entries, size_t count) {
  if (entries.size() > count) entries.erase(entries.begin(), entries.end() - static_cast<ptrdiff_t>(count));
}

}  // namespace

bool OAuthClient::may_use(std::string_view grant_type) const {
  return std::find(grant_types.begin(), grant_types.end(), grant_type) != grant_types.end();
}

const OAuthClient* LedgerBook::find_client(std::string_view id) const {
  return find(clients, id);
}

const OAuthGrant* LedgerBook::find_grant(std::string_view id) const {
  return find(grants, id);
}

OAuthGrant* LedgerBook::find_grant(std::string_view id) {
  return find(grants, id);
}

void LedgerBook::end_grant(std::string_view id) {
  std::erase_if(grants, [&](const OAuthGrant& grant) { return grant.id == id; });
}

Ledger::Ledger(fs::path file, Clock clock) : file_(std::move(file)), clock_(std::move(clock)) {}

Result<void> Ledger::reload() {
  const std::string stamp = stamp_of(file_);
  if (stamp == stamp_) return {};
  LedgerBook book;
  if (stamp != "none") {
    const auto text = read_file(file_);
    if (!text) return tl::make_unexpected(text.error());
    try {
      book = book_from_json(Json::parse(*text));
    } catch (const std::exception& e) {
      return fail(
          ErrorCode::invalid_input, file_.string() + " is damaged: " + e.what() + ".",
          "Move it away, after which everybody signs in again, or start with another folder (--data).");
    }
  }
  book_ = std::move(book);
  stamp_ = stamp;
  return {};
}

// What can't be used any more goes: tokens that have expired, then grants without a token.
void Ledger::prune() {
  const Time now = clock_();
  for (auto& grant : book_.grants) {
    std::erase_if(grant.access, [&](const IssuedAccessToken& token) { return token.expires <= now; });
    keep_newest(grant.spent, most_spent);
  }
  std::erase_if(book_.grants,
                [](const OAuthGrant& grant) { return grant.refresh_sha256.empty() && grant.access.empty(); });
  keep_newest(book_.clients, most_clients);
  keep_newest(book_.grants, most_grants);
}

Result<void> Ledger::read(const std::function<void(const LedgerBook&)>& look) {
  std::lock_guard guard(mutex_);
  if (auto loaded = reload(); !loaded) return loaded;
  look(book_);
  return {};
}

Result<void> Ledger::change(const std::function<bool(LedgerBook&)>& change) {
  std::lock_guard guard(mutex_);
  const auto lock = FileLock::acquire(file_.string() + ".lock", lock_limit_ms);
  if (!lock) return tl::make_unexpected(lock.error());
  if (auto loaded = reload(); !loaded) return loaded;
  if (!change(book_)) return {};
  prune();
  if (auto written = write_file(file_, to_json(book_).dump(2) + "\n"); !written) {
    stamp_.clear();  // what is in memory is not what is in the file
    return written;
  }
  stamp_ = stamp_of(file_);
  return {};
}

}  // namespace clickflow::sandbox
