#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace clickflow::testing {

/// The longest that a test waits for what must come. No test waits that long when all is well; it is what a
/// busy machine may need under a sanitizer.
constexpr std::chrono::milliseconds patience{30'000};

/// Something that happens once: a test lets a server's handler go on, or a handler tells that it got
/// somewhere. Any thread.
class Event {
 public:
  void set() {
    std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  /// False if it did not happen within `limit`.
  bool wait(std::chrono::milliseconds limit = patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

}  // namespace clickflow::testing
