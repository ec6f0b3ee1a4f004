#pragma once

#include <chrono>

#include "clickflow/base/cancellation.h"

namespace clickflow {

using TimePoint = std::chrono::system_clock::time_point;

/// The time of day and the passing of time, so that a test needs neither. Any thread may call.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  /// Waits. False if it was cancelled.
  virtual bool sleep(std::chrono::milliseconds duration, const Cancellation& cancellation) = 0;
};

/// The computer's own. Lives as long as the program.
Clock& system_clock();

}  // namespace clickflow
