#include "clickflow/auth/gate.h"

namespace clickflow::auth {

Gate::Pass Gate::enter(std::chrono::milliseconds limit, const Cancellation& cancellation) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const Wake wake(cancellation, mutex_, changed_);
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] { return !taken_ || cancellation.cancelled(); });
  if (taken_ || cancellation.cancelled()) return Pass(nullptr);
  taken_ = true;
  return Pass(this);
}

void Gate::leave() {
  std::lock_guard lock(mutex_);
  taken_ = false;
  changed_.notify_one();
}

}  // namespace clickflow::auth
