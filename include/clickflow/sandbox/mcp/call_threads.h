#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "clickflow/base/cancellation.h"

namespace clickflow::sandbox {

/// The calls whose answers are streams: each runs on a thread of its own, 128 at a time. Any thread may call
/// anything.
class CallThreads {
 public:
  CallThreads() = default;
  ~CallThreads();
  CallThreads(const CallThreads&) = delete;
  CallThreads& operator=(const CallThreads&) = delete;

  /// `work` must not throw, and end soon once it is cancelled. False, and nothing is done, where too many run
  /// or after stop().
  bool run(const Cancellation& cancellation, std::function<void()> work);

  /// Cancels the calls and waits for them. From then on none begins.
  void stop();

 private:
  struct Call {
    std::thread thread;
    Cancellation cancellation;
    std::shared_ptr<std::atomic<bool>> done;
  };

  std::mutex mutex_;
  bool stopping_ = false;
  std::list<Call> calls_;
};

}  // namespace clickflow::sandbox
