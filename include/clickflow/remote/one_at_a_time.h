#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "clickflow/auth/token_source.h"

namespace clickflow::remote {

/// Work that many need at once and one of them does for all. The others wait for him, as long as their own
/// occasions let them. Any thread.
class OneAtATime {
 public:
  /// Until it is not `needed`, or the work has failed. Whoever waits shares the failure, unless it was the
  /// other's own affair, or a person whom only this occasion may ask could mend it. `needed` is quick, and is
  /// asked again after all work that was done meanwhile; `work` runs in the calling thread, and has failed if
  /// it throws.
  Result<void> run(const auth::Occasion& occasion, const std::function<bool()>& needed,
                   const std::function<Result<void>()>& work);

  /// Of the last work, if it failed.
  std::optional<Error> failure() const;

 private:
  bool is_shared_with(const auth::Occasion& occasion) const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool busy_ = false;
  unsigned ended_ = 0;  // how often work has
  std::optional<Error> failure_;
  bool asked_person_ = false;  // the last work's occasion was interactive
};

}  // namespace clickflow::remote
