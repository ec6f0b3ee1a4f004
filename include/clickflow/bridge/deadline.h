#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "clickflow/base/cancellation.h"

namespace clickflow::bridge {

/// A cancellation that comes by itself after a while, or with another one. Holds a thread while it lives.
class Deadline {
 public:
  Deadline(std::chrono::milliseconds limit, const Cancellation& other);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  const Cancellation& cancellation() const { return cancellation_; }
  /// It was the time, and not the other one.
  bool passed() const { return passed_; }

 private:
  const Cancellation cancellation_;
  std::atomic<bool> passed_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  const Cancellation::Callback on_other_;
  std::thread timer_;
};

}  // namespace clickflow::bridge
