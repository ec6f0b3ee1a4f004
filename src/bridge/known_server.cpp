#include "clickflow/bridge/known_server.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "clickflow/mcp/json.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;
using std::chrono::milliseconds;

// A server's word about freshness holds no longer than this: a mistake in it must come to an end.
constexpr long long longest_ttl_ms = 24LL * 60 * 60 * 1000;

long long ttl_in(std::string_view result) {
  const auto ttl = json::member(result, "ttlMs").value_or("0");
  long long value = 0;
  const auto [end, problem] = std::from_chars(ttl.data(), ttl.data() + ttl.size(), value);
  if (problem == std::errc::result_out_of_range && !ttl.starts_with('-')) return longest_ttl_ms;
  return std::clamp(value, 0LL, longest_ttl_ms);
}

// Of the time for which something is fresh. A clock that was set back makes nothing fresh.
long long rest_of(TimePoint received, long long ttl_ms, TimePoint now) {
  if (now < received) return 0;
  const auto age = std::chrono::ceil<milliseconds>(now - received).count();
  return std::max(0LL, ttl_ms - static_cast<long long>(age));
}

}  // namespace

KnownServer::KnownServer(std::unique_ptr<Catalog> catalog, const Clock& clock)
    : catalog_(std::move(catalog)), clock_(clock) {
  auto kept = catalog_ ? catalog_->load() : std::nullopt;
  if (!kept) return;
  record_ = std::move(*kept);
  era_ = record_.era;
}

std::optional<mcp::Era> KnownServer::era() const {
  std::lock_guard lock(mutex_);
  return era_;
}

std::optional<KnownServer::Description> KnownServer::description(mcp::Era host) const {
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  if (record_.descriptions.empty()) return {};
  auto found = record_.descriptions.find(host);
  if (found == record_.descriptions.end()) found = record_.descriptions.begin();
  const auto& [told, description] = *found;
  Description known{description.server, told != host || record_.era != host, described_.contains(told)};
  known.rest_ms = rest_of(description.received, description.ttl_ms, now);
  return known;
}

std::string KnownServer::revision_for(const std::string& asked) const {
  std::lock_guard lock(mutex_);
  const auto found = record_.revisions.find(asked);
  return found == record_.revisions.end() ? "" : found->second;
}

std::optional<std::string> KnownServer::list(mcp::List list) const {
  std::lock_guard lock(mutex_);
  const auto found = record_.lists.find(list);
  return found == record_.lists.end() ? std::nullopt : std::optional(found->second.result);
}

bool KnownServer::has_heard(mcp::List list) const {
  std::lock_guard lock(mutex_);
  return heard_.contains(list);
}

std::optional<KnownServer::Fresh> KnownServer::fresh(mcp::List list, mcp::Era host) const {
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  const auto heard = heard_.find(list);
  const auto kept = record_.lists.find(list);
  if (heard == heard_.end() || heard->second != host || kept == record_.lists.end()) return {};
  const auto rest = rest_of(kept->second.received, kept->second.ttl_ms, now);
  if (rest == 0) return {};
  return Fresh{kept->second.result, rest};
}

unsigned KnownServer::edition() const {
  std::lock_guard lock(mutex_);
  return edition_;
}

KnownServer::Stamp KnownServer::stamp(mcp::List list) const {
  std::lock_guard lock(mutex_);
  return {edition_, changes_[static_cast<size_t>(list)]};
}

void KnownServer::learn(mcp::List list, mcp::Era host, std::string_view result, Stamp stamp) {
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  if (stamp.edition != edition_ || stamp.changes != changes_[static_cast<size_t>(list)]) return;
  auto& kept = record_.lists[list];
  kept = {std::string(result), now, ttl_in(result)};
  heard_[list] = host;
  unsaved_ = true;
}

void KnownServer::learn(mcp::Era host, mcp::Era server, std::string_view description_result,
                        unsigned edition) {
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  if (edition != edition_) return;
  // What was left out for a host of the other era was left out of another server's description.
  if (era_ != server) record_.descriptions.clear();
  record_.era = server;
  era_ = server;
  unsaved_ = true;
  // Nothing about them is not nothing of them: a host that were told so would not ask for any list.
  const auto capabilities = json::member(description_result, "capabilities");
  if (!capabilities || !json::is_object(*capabilities)) return;
  record_.descriptions[host] = {mcp::ServerDescription::of(description_result), now,
                                ttl_in(description_result)};
  described_.insert(host);
}

void KnownServer::learn_revision(const std::string& asked, const std::string& revision, unsigned edition) {
  std::lock_guard lock(mutex_);
  if (edition != edition_) return;
  record_.revisions[asked] = revision;
  unsaved_ = true;
}

void KnownServer::changed(mcp::List list) {
  std::lock_guard lock(mutex_);
  ++changes_[static_cast<size_t>(list)];
  heard_.erase(list);
}

void KnownServer::forget() {
  std::lock_guard one(saving_);
  {
    std::lock_guard lock(mutex_);
    ++edition_;
    const auto era = record_.era;
    record_ = {};
    record_.era = era;
    described_.clear();
    heard_.clear();
    unsaved_ = false;
  }
  if (catalog_) catalog_->forget();
}

void KnownServer::save() {
  std::lock_guard one(saving_);
  ServerRecord record;
  {
    std::lock_guard lock(mutex_);
    if (!catalog_ || !std::exchange(unsaved_, false)) return;
    record = record_;
  }
  catalog_->store(record);
}

}  // namespace clickflow::bridge
