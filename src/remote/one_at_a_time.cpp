#include "clickflow/remote/one_at_a_time.h"

#include <exception>

namespace clickflow::remote {
namespace {

// Whoever waits must hear of it, whatever happens.
Result<void> attempt(const std::function<Result<void>()>& work) {
  try {
    return work();
  } catch (const std::exception& failure) {
    return fail(ErrorCode::system, "This program could not connect (" + std::string(failure.what()) + ").",
                "Close other programs, then try again.");
  }
}

}  // namespace

Result<void> OneAtATime::run(const auth::Occasion& occasion, const std::function<bool()>& needed,
                             const std::function<Result<void>()>& work) {
  const Wake wake(occasion.cancellation, mutex_, changed_);
  std::unique_lock lock(mutex_);
  while (needed()) {
    if (busy_) {
      // Whoever is at it has limits of his own.
      changed_.wait(lock,
                    [&, before = ended_] { return ended_ != before || occasion.cancellation.cancelled(); });
      if (occasion.cancellation.cancelled())
        return fail(ErrorCode::cancelled, "The request was cancelled.", "");
      if (needed() && is_shared_with(occasion)) return tl::make_unexpected(*failure_);
      continue;
    }
    busy_ = true;
    lock.unlock();
    auto done = attempt(work);
    lock.lock();
    busy_ = false;
    ++ended_;
    failure_ = done ? std::nullopt : std::optional(done.error());
    asked_person_ = occasion.interactive;
    changed_.notify_all();
    if (!done) return done;
  }
  return {};
}

std::optional<Error> OneAtATime::failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

bool OneAtATime::is_shared_with(const auth::Occasion& occasion) const {
  if (!failure_ || failure_->code == ErrorCode::cancelled) return false;
  const bool person_mends =
      failure_->code == ErrorCode::unauthenticated || failure_->code == ErrorCode::forbidden;
  return !person_mends || asked_person_ || !occasion.interactive;
}

}  // namespace clickflow::remote
