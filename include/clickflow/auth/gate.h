#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "clickflow/base/cancellation.h"

namespace clickflow::auth {

/// Lets one thread in at a time. A mutex that is waited for within a limit, and no longer than it is wanted.
class Gate {
 public:
  class [[nodiscard]] Pass {
   public:
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_) gate_->leave();
    }
    /// False where the limit came first, or a cancellation.
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    friend class Gate;
    explicit Pass(Gate* gate) : gate_(gate) {}
    Gate* gate_;
  };

  Pass enter(std::chrono::milliseconds limit, const Cancellation& cancellation);

 private:
  void leave();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool taken_ = false;
};

}  // namespace clickflow::auth
