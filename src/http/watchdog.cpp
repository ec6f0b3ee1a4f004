#include "watchdog.h"

#include <algorithm>

namespace clickflow::http {
namespace {

using Clock = std::chrono::steady_clock;

// wait_until(time_point::max()) overflows in some standard libraries.
constexpr auto longest_sleep = std::chrono::hours(1);

}  // namespace

void Watched::extend(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  deadline_ = deadline;
  // Nearly always the watchdog looks earlier anyway: no lock on the path of each piece.
  if (watchdog_ && deadline < watchdog_->next_look_.load()) {
    std::lock_guard lock(watchdog_->mutex_);
    watchdog_->changed_.notify_one();
  }
}

void Watched::pause() {
  deadline_ = Clock::time_point::max();
}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    // Whoever extends meanwhile, behind the look at it, waits for the lock and tells.
    next_look_ = Clock::time_point::max();
    const auto now = Clock::now();
    auto nearest = now + longest_sleep;
    for (Watched* watched : watched_) {
      const auto deadline = watched->deadline_.load();
      if (deadline <= now) {
        watched->pause();
        watched->on_deadline();
      } else {
        nearest = std::min(nearest, deadline);
      }
    }
    next_look_ = nearest;
    changed_.wait_until(lock, nearest);
  }
}

Watchdog::Registration::Registration(Watchdog& watchdog, Watched& watched)
    : watchdog_(watchdog), watched_(watched) {
  std::lock_guard lock(watchdog_.mutex_);
  watched_.watchdog_ = &watchdog_;
  watchdog_.watched_.insert(&watched_);
  if (!watchdog_.thread_.joinable()) watchdog_.thread_ = std::thread([this_ = &watchdog_] { this_->run(); });
}

Watchdog::Registration::~Registration() {
  std::lock_guard lock(watchdog_.mutex_);
  watchdog_.watched_.erase(&watched_);
}

}  // namespace clickflow::http
