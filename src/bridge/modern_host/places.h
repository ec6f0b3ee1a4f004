#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "clickflow/base/cancellation.h"

namespace clickflow::bridge::modern_host {

/// So many may be there at once. Any thread.
class Places {
 public:
  explicit Places(size_t count) : free_(count) {}

  /// Held while it lives; empty if there was none. It must go before this object.
  using Place = std::shared_ptr<void>;

  /// Waits for one to become free, until the limit or a cancellation.
  Place take(std::chrono::milliseconds limit, const Cancellation& cancellation) {
    const Wake wake(cancellation, mutex_, changed_);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [&] { return free_ > 0 || cancellation.cancelled(); });
    if (free_ == 0 || cancellation.cancelled()) return {};
    --free_;
    return {this, [](Places* places) { places->give_back(); }};
  }

 private:
  void give_back() {
    std::lock_guard lock(mutex_);
    ++free_;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  size_t free_;
};

}  // namespace clickflow::bridge::modern_host
