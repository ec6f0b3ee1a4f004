#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>

#include "clickflow/remote/one_at_a_time.h"

namespace clickflow::bridge::modern_host {

/// A legacy session has one log level, where each modern request may ask for its own: the session's follows
/// the most verbose one that is asked for at a time. Any thread.
class LogLevels {
 public:
  /// Tells the server. Levels are ranks as in log_rank().
  using Set = std::function<Result<void>(int rank, const auth::Occasion& occasion)>;

  /// A request that asks for a level, for as long as this object lives. Begins once the level is set, or has
  /// failed to be, or the request's occasion is over.
  class Hold {
   public:
    Hold(LogLevels& levels, std::optional<int> rank, const auth::Occasion& occasion);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    LogLevels& levels_;
    const std::optional<int> rank_;
  };

  /// `own` is the occasion when a request goes and leaves a less verbose one.
  LogLevels(Set set, auth::Occasion own) : set_(std::move(set)), own_(std::move(own)) {}

 private:
  void follow(const auth::Occasion& occasion);
  std::optional<int> wanted() const;

  const Set set_;
  const auth::Occasion own_;
  remote::OneAtATime setting_;
  mutable std::mutex mutex_;
  std::multiset<int> asked_;
  std::optional<int> current_;  // nothing where the last attempt has failed
};

}  // namespace clickflow::bridge::modern_host
