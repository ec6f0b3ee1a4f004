#include "log_levels.h"

namespace clickflow::bridge::modern_host {

LogLevels::Hold::Hold(LogLevels& levels, std::optional<int> rank, const Set& set)
    : levels_(levels), rank_(rank) {
  if (!rank_) return;
  {
    std::lock_guard lock(levels_.mutex_);
    levels_.asked_.insert(*rank_);
  }
  levels_.follow(set);
}

LogLevels::Hold::~Hold() {
  if (!rank_) return;
  {
    std::lock_guard lock(levels_.mutex_);
    levels_.asked_.erase(levels_.asked_.find(*rank_));
  }
  levels_.follow(levels_.set_);
}

// One thread at a time tells the server; it has a limit, and so has whoever waits for it here.
void LogLevels::follow(const Set& set) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !setting_; });
    if (asked_.empty() || current_ == *asked_.begin()) return;
    const int wanted = *asked_.begin();
    setting_ = true;
    lock.unlock();
    const bool set_well = set(wanted);
    lock.lock();
    setting_ = false;
    current_ = set_well ? std::optional(wanted) : std::nullopt;
    changed_.notify_all();
    if (!set_well) return;
  }
}

}  // namespace clickflow::bridge::modern_host
