#include "log_levels.h"

namespace clickflow::bridge::modern_host {

LogLevels::Hold::Hold(LogLevels& levels, std::optional<int> rank, const auth::Occasion& occasion)
    : levels_(levels), rank_(rank) {
  if (!rank_) return;
  {
    std::lock_guard lock(levels_.mutex_);
    levels_.asked_.insert(*rank_);
  }
  levels_.follow(occasion);
}

LogLevels::Hold::~Hold() {
  if (!rank_) return;
  {
    std::lock_guard lock(levels_.mutex_);
    levels_.asked_.erase(levels_.asked_.find(*rank_));
    if (!levels_.current_) return;  // the next request tries again
  }
  levels_.follow(levels_.own_);
}

// A request goes on without its level where that could not be set: the failure has been logged.
void LogLevels::follow(const auth::Occasion& occasion) {
  (void)setting_.run(
      occasion, [this] { return wanted().has_value(); },
      [&]() -> Result<void> {
        const auto rank = wanted();
        if (!rank) return {};
        {
          std::lock_guard lock(mutex_);
          current_.reset();
        }
        auto set = set_(*rank, occasion);
        std::lock_guard lock(mutex_);
        if (set) current_ = rank;
        return set;
      });
}

// The level that the server is to be told.
std::optional<int> LogLevels::wanted() const {
  std::lock_guard lock(mutex_);
  if (asked_.empty() || current_ == *asked_.begin()) return {};
  return *asked_.begin();
}

}  // namespace clickflow::bridge::modern_host
