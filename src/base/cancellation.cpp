#include "clickflow/base/cancellation.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace clickflow {

struct CancellationState {
  std::mutex mutex;
  std::condition_variable changed;
  bool cancelled = false;
  std::shared_ptr<std::function<void()>> running;
  std::thread::id canceller;
  std::vector<std::shared_ptr<std::function<void()>>> callbacks;
};

Cancellation::Cancellation() : state_(std::make_shared<CancellationState>()) {}

void Cancellation::cancel() const {
  std::unique_lock lock(state_->mutex);
  if (state_->cancelled) return;
  state_->cancelled = true;
  state_->canceller = std::this_thread::get_id();
  state_->changed.notify_all();
  while (!state_->callbacks.empty()) {
    state_->running = std::move(state_->callbacks.back());
    state_->callbacks.pop_back();
    lock.unlock();
    (*state_->running)();
    lock.lock();
    state_->running.reset();
    state_->changed.notify_all();
  }
}

bool Cancellation::cancelled() const {
  std::lock_guard lock(state_->mutex);
  return state_->cancelled;
}

bool Cancellation::sleep(int milliseconds) const {
  std::unique_lock lock(state_->mutex);
  return !state_->changed.wait_for(lock, std::chrono::milliseconds(milliseconds),
                                   [this] { return state_->cancelled; });
}

Cancellation::Callback::Callback(const Cancellation& cancellation, std::function<void()> callback)
    : state_(cancellation.state_), callback_(std::make_shared<std::function<void()>>(std::move(callback))) {
  {
    std::lock_guard lock(state_->mutex);
    if (!state_->cancelled) {
      state_->callbacks.push_back(callback_);
      return;
    }
  }
  (*callback_)();
}

Cancellation::Callback::~Callback() {
  std::unique_lock lock(state_->mutex);
  std::erase(state_->callbacks, callback_);
  if (state_->canceller == std::this_thread::get_id()) return;
  state_->changed.wait(lock, [this] { return state_->running != callback_; });
}

}  // namespace clickflow
