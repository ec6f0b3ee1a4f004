#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>

namespace clickflow::bridge::modern_host {

/// A legacy session has one log level, where each modern request may ask for its own: the session's follows
/// the most verbose one that is asked for at a time. Any thread.
class LogLevels {
 public:
  /// Tells the server; false if that failed. Levels are ranks as in log_rank().
  using Set = std::function<bool(int rank)>;

  /// A request that asks for a level, for as long as this object lives.
  class Hold {
   public:
    Hold(LogLevels& levels, std::optional<int> rank, const Set& set);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    LogLevels& levels_;
    const std::optional<int> rank_;
  };

  /// `set` is used when a request goes and leaves a less verbose one.
  explicit LogLevels(Set set) : set_(std::move(set)) {}

 private:
  void follow(const Set& set);

  const Set set_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multiset<int> asked_;
  std::optional<int> current_;
  bool setting_ = false;
};

}  // namespace clickflow::bridge::modern_host
