#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace clickflow::http {

/// Something with a deadline that moves.
class Watched {
 public:
  virtual ~Watched() = default;

  /// Called once, in the watchdog's thread, when the deadline has passed. Must not block.
  virtual void on_deadline() = 0;

  void extend(std::chrono::milliseconds limit);
  /// No deadline until the next extend(): the wait is ours, not the peer's.
  void pause();

 private:
  friend class Watchdog;
  std::atomic<std::chrono::steady_clock::time_point> deadline_ = std::chrono::steady_clock::time_point::max();
  class Watchdog* watchdog_ = nullptr;
};

/// One thread that looks after the deadlines of every exchange. It starts with the first and sleeps until the
/// nearest.
class Watchdog {
 public:
  ~Watchdog();

  class [[nodiscard]] Registration {
   public:
    Registration(Watchdog& watchdog, Watched& watched);
    /// Afterwards on_deadline() is not running and won't be called.
    ~Registration();
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

   private:
    Watchdog& watchdog_;
    Watched& watched_;
  };

 private:
  friend class Watched;
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<Watched*> watched_;
  std::atomic<std::chrono::steady_clock::time_point> next_look_ =
      std::chrono::steady_clock::time_point::max();
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace clickflow::http
