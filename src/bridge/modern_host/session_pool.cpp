#include "session_pool.h"

#include <algorithm>

#include "canonical_json.h"
#include "clickflow/mcp/request_meta.h"
#include "translation.h"

namespace clickflow::bridge::modern_host {
namespace {

using Clock = std::chrono::steady_clock;

// A session that makes room for another says goodbye in its own thread.
constexpr auto farewell_limit = std::chrono::milliseconds(500);
constexpr std::string_view our_info = R"({"name":"clickflow-mcp","version":")" CLICKFLOW_VERSION R"("})";

}  // namespace

Result<SessionPool::Lease> SessionPool::lease(const mcp::Message& request, const auth::Occasion& occasion) {
  const mcp::RequestMeta meta(request);
  const std::string declared = legacy_capabilities(meta.client_capabilities);
  // What declares nothing is not the host's own, and goes where the host's requests go.
  auto session = choose(meta.client_capabilities.empty() ? "" : canonical_json(declared), occasion);
  if (!session) return tl::make_unexpected(session.error());
  Lease lease(*this, *std::move(session));
  const auto greeted = lease->greet(
      {settings_.revision, declared, meta.client_info.empty() ? our_info : meta.client_info}, occasion);
  if (!greeted) return tl::make_unexpected(greeted.error());
  return lease;
}

SessionPool::Entry* SessionPool::find(const std::string& key) {
  Entry* found = nullptr;
  for (auto& entry : entries_) {
    if (key.empty() ? !found || entry.used > found->used : entry.key == key) found = &entry;
  }
  return found;
}

std::shared_ptr<LegacySession> SessionPool::enter(Entry& entry) {
  ++entry.users;
  entry.used = ++ticks_;
  return entry.session;
}

Result<std::shared_ptr<LegacySession>> SessionPool::choose(const std::string& key,
                                                           const auth::Occasion& occasion) {
  const auto deadline = Clock::now() + settings_.wait_limit;
  const Wake wake(occasion.cancellation, mutex_, changed_);
  std::shared_ptr<LegacySession> idle;
  std::shared_ptr<LegacySession> chosen;
  {
    std::unique_lock lock(mutex_);
    while (!chosen) {
      if (occasion.cancellation.cancelled())
        return fail(ErrorCode::cancelled, "The request was cancelled.", "");
      if (auto* entry = find(key)) {
        chosen = enter(*entry);
      } else if (entries_.size() < settings_.most_sessions || (idle = take_idle())) {
        const std::string as = key.empty() ? "{}" : key;
        entries_.push_back({as, std::make_shared<LegacySession>(make_), 0, 0});
        chosen = enter(entries_.back());
      } else if (changed_.wait_until(lock, deadline) == std::cv_status::timeout) {
        return fail(ErrorCode::rejected,
                    "Too many requests that declare different capabilities are in flight; this one was not "
                    "sent.",
                    "Try again later.");
      }
    }
  }
  if (idle) retire(std::move(idle));
  return chosen;
}

std::shared_ptr<LegacySession> SessionPool::take_idle() {
  auto oldest = entries_.end();
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->users == 0 && (oldest == entries_.end() || entry->used < oldest->used)) oldest = entry;
  }
  if (oldest == entries_.end()) return nullptr;
  auto session = std::move(oldest->session);
  entries_.erase(oldest);
  return session;
}

void SessionPool::retire(std::shared_ptr<LegacySession> session) {
  session->retire(farewell_limit);
  std::vector<std::shared_ptr<LegacySession>> gone;  // destroyed without the lock
  std::lock_guard lock(mutex_);
  retired_.push_back(std::move(session));
  for (auto& each : retired_) {
    if (each->wait_until_retired(Clock::now())) gone.push_back(std::move(each));
  }
  std::erase(retired_, nullptr);
}

void SessionPool::release(const LegacySession& session) {
  std::lock_guard lock(mutex_);
  for (auto& entry : entries_) {
    if (entry.session.get() == &session) --entry.users;
  }
  changed_.notify_all();
}

void SessionPool::close(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  std::vector<std::shared_ptr<LegacySession>> all;
  {
    std::lock_guard lock(mutex_);
    all = retired_;
    for (const auto& entry : entries_) all.push_back(entry.session);
  }
  for (const auto& session : all) session->retire(limit);
  for (const auto& session : all) session->wait_until_retired(deadline);
}

}  // namespace clickflow::bridge::modern_host
