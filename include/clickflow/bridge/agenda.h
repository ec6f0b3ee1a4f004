#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

#include "clickflow/base/cancellation.h"

namespace clickflow::bridge {

/// What is to be done behind, and when: each item stands on it once at most. Any thread.
template <class Item>
class Agenda {
 public:
  using Clock = std::chrono::steady_clock;

  /// The earlier one counts where the item is on it already.
  void plan(Item item, std::chrono::milliseconds from_now) {
    const auto when = Clock::now() + from_now;
    std::lock_guard lock(mutex_);
    const auto [place, is_new] = items_.emplace(item, when);
    if (!is_new && when < place->second) place->second = when;
    changed_.notify_all();
  }

  /// Waits for the next item that is due and takes it off; nothing once cancelled.
  std::optional<Item> next(const Cancellation& cancellation) {
    const Wake wake(cancellation, mutex_, changed_);
    std::unique_lock lock(mutex_);
    for (;;) {
      if (cancellation.cancelled()) return {};
      auto first = items_.end();
      for (auto each = items_.begin(); each != items_.end(); ++each)
        if (first == items_.end() || each->second < first->second) first = each;
      if (first == items_.end()) {
        changed_.wait(lock);
      } else if (first->second > Clock::now()) {
        changed_.wait_until(lock, Clock::time_point(first->second));
      } else {
        const Item item = first->first;
        items_.erase(first);
        return item;
      }
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Item, Clock::time_point> items_;
};

}  // namespace clickflow::bridge
