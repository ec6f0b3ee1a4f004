#include "clickflow/bridge/deadline.h"

namespace clickflow::bridge {

Deadline::Deadline(std::chrono::milliseconds limit, const Cancellation& other)
    : on_other_(other, [this] { cancellation_.cancel(); }), timer_([this, limit] {
        {
          std::unique_lock lock(mutex_);
          if (changed_.wait_for(lock, limit, [this] { return over_; })) return;
        }
        if (!cancellation_.cancelled()) passed_ = true;
        cancellation_.cancel();
      }) {}

Deadline::~Deadline() {
  {
    std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  timer_.join();
}

}  // namespace clickflow::bridge
