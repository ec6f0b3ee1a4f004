#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

namespace clickflow {

/// A wish to stop, shared by value: whoever holds a copy may cancel it, ask for it, or have something done
/// when it comes. (std::stop_token, which is not in every standard library that we build with.) Any thread
/// may call anything.
class Cancellation {
 public:
  Cancellation();

  /// Runs the callbacks, in this thread. What follows the first call does nothing.
  void cancel() const;
  bool cancelled() const;

  /// Runs `callback` once when cancel() is called, at once if it was called already. When this object has
  /// gone, the callback is not running and won't run; so it must not destroy its own registration.
  class [[nodiscard]] Callback {
   public:
    Callback(const Cancellation& cancellation, std::function<void()> callback);
    ~Callback();
    Callback(const Callback&) = delete;
    Callback& operator=(const Callback&) = delete;

   private:
    std::shared_ptr<struct CancellationState> state_;
    std::shared_ptr<std::function<void()>> callback_;
  };

  /// Sleeps for `milliseconds`, or less if cancelled. True if it was not cancelled.
  bool sleep(int milliseconds) const;

 private:
  std::shared_ptr<struct CancellationState> state_;
};

/// Has whoever waits for `changed` under `mutex` look again once it is cancelled. Make it before the mutex is
/// locked: its end may have to wait for a callback that locks it.
class [[nodiscard]] Wake : public Cancellation::Callback {
 public:
  Wake(const Cancellation& cancellation, std::mutex& mutex, std::condition_variable& changed)
      : Callback(cancellation, [&] {
          std::lock_guard lock(mutex);
          changed.notify_all();
        }) {}
};

}  // namespace clickflow
