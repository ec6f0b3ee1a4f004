#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "clickflow/bridge/modern_host_translator.h"
#include "legacy_session.h"

namespace clickflow::bridge::modern_host {

/// The legacy sessions: one for each set of capabilities that requests declare, since a server takes a
/// session's for all that happens in it. Any thread.
class SessionPool {
 public:
  SessionPool(LegacySession::MakeRemote make, const ModernHostSettings& settings)
      : make_(std::move(make)), settings_(settings) {}

  /// A session in use. The pool outlives it.
  class Lease {
   public:
    Lease(SessionPool& pool, std::shared_ptr<LegacySession> session)
        : pool_(&pool), session_(std::move(session)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (session_) pool_->release(*session_);
    }
    LegacySession& operator*() const { return *session_; }
    LegacySession* operator->() const { return session_.get(); }
    const std::shared_ptr<LegacySession>& shared() const { return session_; }

   private:
    SessionPool* pool_;
    std::shared_ptr<LegacySession> session_;
  };

  /// The session for a request of that host, its handshake made. Where there are as many as may be, the one
  /// that was idle for longest makes room; `rejected` if none is idle within the limit.
  Result<Lease> lease(const mcp::Message& request, const auth::Occasion& occasion);

  /// Ends all sessions, side by side.
  void close(std::chrono::milliseconds limit);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<LegacySession> session;
    int users = 0;
    uint64_t used = 0;  // when, on a clock that ticks at each use
  };
  Entry* find(const std::string& key);
  std::shared_ptr<LegacySession> enter(Entry& entry);
  Result<std::shared_ptr<LegacySession>> choose(const std::string& key, const auth::Occasion& occasion);
  std::shared_ptr<LegacySession> take_idle();
  void retire(std::shared_ptr<LegacySession> session);
  void release(const LegacySession& session);

  const LegacySession::MakeRemote make_;
  const ModernHostSettings& settings_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Entry> entries_;
  std::vector<std::shared_ptr<LegacySession>> retired_;  // taking leave
  uint64_t ticks_ = 0;
};

}  // namespace clickflow::bridge::modern_host
