#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "clickflow/base/cancellation.h"

namespace clickflow::bridge {

/// Keeps what was read later from overtaking a message that has to arrive first. It opens once, for good.
class Gate {
 public:
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// False if it was cancelled. There is no limit of its own: whoever holds a gate has one.
  bool wait(const Cancellation& cancellation) {
    const Wake wake(cancellation, mutex_, changed_);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return open_ || cancellation.cancelled(); });
    return !cancellation.cancelled();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

}  // namespace clickflow::bridge
