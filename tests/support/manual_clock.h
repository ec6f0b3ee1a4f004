#pragma once

#include <condition_variable>
#include <mutex>

#include "clickflow/base/clock.h"
#include "support/waiting.h"

namespace clickflow::testing {

/// Stands still until a test moves it: who sleeps is woken by that, or by a cancellation. Any thread.
class ManualClock : public Clock {
 public:
  TimePoint now() const override {
    std::lock_guard lock(mutex_);
    return now_;
  }
  bool sleep(std::chrono::milliseconds duration, const Cancellation& cancellation) override {
    const Cancellation::Callback wake(cancellation, [this] {
      std::lock_guard lock(mutex_);
      changed_.notify_all();
    });
    std::unique_lock lock(mutex_);
    const TimePoint end = now_ + duration;
    ++sleepers_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return now_ >= end || cancellation.cancelled(); });
    --sleepers_;
    return !cancellation.cancelled();
  }
  /// Who is about to sleep must do so before the clock is moved. False if nobody does.
  bool wait_for_sleeper() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [this] { return sleepers_ > 0; });
  }
  void pass(std::chrono::milliseconds duration) {
    std::lock_guard lock(mutex_);
    now_ += duration;
    changed_.notify_all();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int sleepers_ = 0;
  TimePoint now_{std::chrono::seconds(1'800'000'000)};
};

}  // namespace clickflow::testing
