#include "clickflow/sandbox/oauth/ledger.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/sandbox/shared_json_file.h"
#include "ledger_json.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t most_clients = 1000;
constexpr size_t most_grants = 1000;
constexpr size_t most_spent = 100;

template <class Entry>
const Entry* find(const std::vector<Entry>& entries, std::string_view id) {
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

void LedgerBook::end_grant(std::string_view id) {
  std::erase_if(grants, [&](const OAuthGrant& grant) { return grant.id == id; });
}

Ledger::Ledger(std::filesystem::path file, Clock clock)
    : file_(std::make_unique<SharedJsonFile>(
          std::move(file),
          "Move it away, after which everybody signs in again, or start with another folder (--data).")),
      clock_(std::move(clock)) {}

Ledger::~Ledger() = default;

Result<void> Ledger::reload() {
  return file_->reload(
      [this](const Json& json) { book_ = json.is_null() ? LedgerBook() : book_from_json(json); });
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
  const auto lock = file_->lock();
  if (!lock) return tl::make_unexpected(lock.error());
  if (auto loaded = reload(); !loaded) return loaded;
  if (!change(book_)) return {};
  prune();
  return file_->write(to_json(book_));
}

}  // namespace clickflow::sandbox
