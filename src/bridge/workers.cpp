#include "clickflow/bridge/workers.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "clickflow/base/log.h"

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
        perform(job);
      }
      lock.lock();
      ended.notify_all();
    }
    --threads;
    ended.notify_all();
  }

  static void perform(const std::function<void()>& job) {
    try {
      job();
    } catch (const std::exception& failure) {
      log::error("something could not be done: {}", failure.what());
    }
  }

  const size_t limit;
  std::mutex mutex;
  std::condition_variable changed;  // for the threads
  std::condition_variable ended;    // for whoever waits for them
  std::deque<std::function<void()>> jobs;
  size_t threads = 0;
  size_t idle = 0;
  bool finished = false;
};

Workers::Workers(size_t limit) : state_(std::make_shared<State>(limit)) {}

Workers::~Workers() {
  finish(std::chrono::steady_clock::now());
}

bool Workers::run(std::function<void()> job) {
  std::lock_guard lock(state_->mutex);
  if (state_->finished) return true;
  state_->jobs.push_back(std::move(job));
  if (state_->jobs.size() > state_->idle && state_->threads < state_->limit) {
    try {
      std::thread([state = state_] { state->work(); }).detach();
      ++state_->threads;
    } catch (const std::system_error& failure) {
      log::warn("the system gives no thread: {}", failure.what());
      if (state_->threads == 0) {
        state_->jobs.pop_back();
        return false;
      }
    }
  }
  state_->changed.notify_one();
  return true;
}

bool Workers::wait_until_idle(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(state_->mutex);
  return state_->ended.wait_until(lock, deadline,
                                  [this] { return state_->jobs.empty() && state_->idle == state_->threads; });
}

bool Workers::finish(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(state_->mutex);
  state_->finished = true;
  state_->jobs.clear();
  state_->changed.notify_all();
  return state_->ended.wait_until(lock, deadline, [this] { return state_->threads == 0; });
}

}  // namespace clickflow::bridge
