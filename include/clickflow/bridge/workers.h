#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace clickflow::bridge {

/// Threads that come when there is work and go when there has been none for a while. With a limit of one it
/// is a lane: jobs run one after another, in the order in which they were given.
class Workers {
 public:
  explicit Workers(size_t limit);
  ~Workers();

  /// Any thread. Beyond the limit, jobs wait for their turn. After finish(), nothing more is taken. False
  /// where the system gives no thread: then the job is gone. A job should not throw; what it throws is
  /// logged.
  [[nodiscard]] bool run(std::function<void()> job);

  /// False if there is still something to do by then.
  bool wait_until_idle(std::chrono::steady_clock::time_point deadline);

  /// Drops what has not begun and waits for the rest. False if some of it has not ended by then: a system
  /// call (a name look-up, say) doesn't return. The process must then end without destroying what the jobs
  /// use.
  bool finish(std::chrono::steady_clock::time_point deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace clickflow::bridge
