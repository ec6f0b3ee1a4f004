#pragma once

#include <mutex>
#include <vector>

#include "clickflow/base/clock.h"

namespace clickflow::testing {

/// Stands still until somebody sleeps or moves it. Any thread may call.
class FakeClock : public Clock {
 public:
  TimePoint now() const override {
    std::lock_guard lock(mutex_);
    return now_;
  }
  bool sleep(std::chrono::milliseconds duration, const Cancellation& cancellation) override {
    std::lock_guard lock(mutex_);
    if (cancellation.cancelled()) return false;
    sleeps_.push_back(duration);
    now_ += duration;
    return true;
  }
  void pass(std::chrono::seconds duration) {
    std::lock_guard lock(mutex_);
    now_ += duration;
  }
  std::vector<std::chrono::milliseconds> sleeps() const {
    std::lock_guard lock(mutex_);
    return sleeps_;
  }

 private:
  mutable std::mutex mutex_;
  TimePoint now_{std::chrono::seconds(1'800'000'000)};
  std::vector<std::chrono::milliseconds> sleeps_;
};

}  // namespace clickflow::testing
