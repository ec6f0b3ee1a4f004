#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "clickflow/base/clock.h"
#include "clickflow/base/error.h"

namespace clickflow::auth {

/// Keeps requests from a server that has just failed: for as long as it asks (Retry-After, 10 minutes at
/// most), or 1 s, then 2, doubled up to a minute. Any thread.
class Backoff {
 public:
  explicit Backoff(const Clock& clock) : clock_(clock) {}

  /// The last failure, and when it will be tried again; nothing where it may be tried now.
  std::optional<Error> too_early() const;

  /// Does nothing while it is too early: that is no new failure.
  void failed(const Error& error, std::optional<std::chrono::seconds> retry_after = {});
  void succeeded();

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::optional<TimePoint> not_before_;
  std::optional<Error> last_;
  int failures_ = 0;
};

}  // namespace clickflow::auth
