#include "clickflow/bridge/workers.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace clickflow::bridge {
namespace {

constexpr auto idle_time = std::chrono::seconds(30);

}  // namespace

// Shared with the threads: one that is stuck in the system may outlive the object.
struct Workers::State {
  explicit State(size_t most) : limit(most) {}

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++idle;
      const bool job_came = changed.wait_for(lock, idle_time, [this] { return !jobs.empty() || finished; });
      --idle;
      if (!job_came || jobs.empty()) break;
      {
        auto job = std::move(jobs.front());
        jobs.pop_front();
        lock.unlock();
        job();
      }
      lock.lock();
    }
    --threads;
    changed.notify_all();
  }

  const size_t limit;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> jobs;
  size_t threads = 0;
  size_t idle = 0;
  bool finished = false;
};

Workers::Workers(size_t limit) : state_(std::make_shared<State>(limit)) {}

Workers::~Workers() {
  finish(std::chrono::steady_clock::now());
}

void Workers::run(std::function<void()> job) {
  std::lock_guard lock(state_->mutex);
  if (state_->finished) return;
  state_->jobs.push_back(std::move(job));
  if (state_->jobs.size() > state_->idle && state_->threads < state_->limit) {
    ++state_->threads;
    std::thread([state = state_] { state->work(); }).detach();
  }
  state_->changed.notify_one();
}

bool Workers::finish(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(state_->mutex);
  state_->finished = true;
  state_->jobs.clear();
  state_->changed.notify_all();
  return state_->changed.wait_until(lock, deadline, [this] { return state_->threads == 0; });
}

}  // namespace clickflow::bridge
