#include "tool_changes.h"

#include <utility>

namespace clickflow::bridge::modern_host {

void ToolChanges::on_change(const mcp::Message& change) {
  if (change.method() != "notifications/tools/list_changed") return;
  std::lock_guard lock(mutex_);
  change_ = change;
  changed_.notify_all();
}

void ToolChanges::listen(remote::Receiver& receiver, const Cancellation& cancellation,
                         const Cancellation& closing) {
  const auto wake_up = [this] {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  };
  const Cancellation::Callback wake(cancellation, wake_up), wake_at_end(closing, wake_up);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return change_ || cancellation.cancelled() || closing.cancelled(); });
    if (cancellation.cancelled() || closing.cancelled()) return;
    auto change = *std::exchange(change_, std::nullopt);
    lock.unlock();
    receiver.on_message(std::move(change));
    lock.lock();
  }
}

}  // namespace clickflow::bridge::modern_host
