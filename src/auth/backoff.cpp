#include "clickflow/auth/backoff.h"

#include <algorithm>
#include <string>

namespace clickflow::auth {
namespace {

using std::chrono::seconds;

constexpr auto longest_pause = seconds(60);
constexpr auto longest_retry_after = seconds(600);
constexpr int most_doublings = 6;

}  // namespace

std::optional<Error> Backoff::too_early() const {
  std::lock_guard lock(mutex_);
  if (!not_before_) return std::nullopt;
  const auto left = std::chrono::ceil<seconds>(*not_before_ - clock_.now());
  // Longer than any that is set: somebody put the clock back.
  if (left <= seconds(0) || left > longest_retry_after) return std::nullopt;
  return Error{last_->code, last_->what, "It will be tried again in " + std::to_string(left.count()) + " s."};
}

void Backoff::failed(const Error& error, std::optional<seconds> retry_after) {
  if (too_early()) return;
  std::lock_guard lock(mutex_);
  const auto pause = std::min(seconds(1 << std::min(failures_, most_doublings)), longest_pause);
  not_before_ =
      clock_.now() + std::max(pause, std::min(retry_after.value_or(seconds(0)), longest_retry_after));
  last_ = error;
  ++failures_;
}

void Backoff::succeeded() {
  std::lock_guard lock(mutex_);
  not_before_.reset();
  last_.reset();
  failures_ = 0;
}

}  // namespace clickflow::auth
