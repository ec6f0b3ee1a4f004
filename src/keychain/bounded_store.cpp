#include "bounded_store.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "problem.h"

namespace clickflow::keychain {
namespace {

constexpr size_t longest_key = 255;
constexpr auto farewell = std::chrono::seconds(1);

Result<void> check_key(const std::string& key) {
  auto is_printable = [](char c) { return c >= 0x20 && c <= 0x7e; };
  if (!key.empty() && key.size() <= longest_key && std::all_of(key.begin(), key.end(), is_printable))
    return {};
  return fail(ErrorCode::invalid_input, "A keychain entry can't have this name.",
              "Please report this as a bug.");
}

}  // namespace

/// What the caller's thread and the worker's share. The last of the two frees it.
struct BoundedStore::Worker {
  struct Job {
    std::function<void(Backend&)> run;
    Cancellation given_up;
    bool done = false;
  };

  std::unique_ptr<Backend> backend;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::shared_ptr<Job>> jobs;  // the first one runs
  bool started = false;
  bool ending = false;
  bool ended = false;

  static void work(const std::shared_ptr<Worker>& self) {
    std::unique_lock lock(self->mutex);
    for (;;) {
      self->changed.wait(lock, [&] { return self->ending || !self->jobs.empty(); });
      if (self->ending) break;
      const auto job = self->jobs.front();
      lock.unlock();
      if (!job->given_up.cancelled()) job->run(*self->backend);
      lock.lock();
      job->done = true;
      self->jobs.pop_front();
      self->changed.notify_all();
    }
    self->ended = true;
    self->changed.notify_all();
  }
};

BoundedStore::BoundedStore(std::unique_ptr<Backend> backend, std::chrono::milliseconds limit)
    : limit_(limit), worker_(std::make_shared<Worker>()) {
  worker_->backend = std::move(backend);
}

BoundedStore::~BoundedStore() {
  std::unique_lock lock(worker_->mutex);
  worker_->ending = true;
  worker_->changed.notify_all();
  const auto jobs = worker_->jobs;
  lock.unlock();
  for (const auto& job : jobs) job->given_up.cancel();
  lock.lock();
  if (worker_->started) worker_->changed.wait_for(lock, farewell, [this] { return worker_->ended; });
}

template <class T>
Result<T> BoundedStore::within_limit(std::function<Result<T>(Backend&, const Cancellation&)> call) {
  // On the heap, since the worker may come to it after this caller has left.
  const auto outcome = std::make_shared<std::optional<Result<T>>>();
  const auto job = std::make_shared<Worker::Job>();
  job->run = [outcome, call = std::move(call), given_up = job->given_up](Backend& backend) {
    *outcome = call(backend, given_up);
  };
  std::unique_lock lock(worker_->mutex);
  if (!worker_->started) {
    std::thread(Worker::work, worker_).detach();
    worker_->started = true;
  }
  worker_->jobs.push_back(job);
  worker_->changed.notify_all();
  if (worker_->changed.wait_for(lock, limit_, [&] { return job->done; })) return std::move(**outcome);
  lock.unlock();
  job->given_up.cancel();
  return worker_->backend->late();
}

Result<std::optional<Secret>> BoundedStore::read(const std::string& key) {
  if (auto good = check_key(key); !good) return tl::make_unexpected(good.error());
  return within_limit<std::optional<Secret>>(
      [key](Backend& backend, const Cancellation& given_up) { return backend.read(key, given_up); });
}

Result<void> BoundedStore::write(const std::string& key, const Secret& secret) {
  if (auto good = check_key(key); !good) return good;
  if (secret.expose().size() > max_secret_size) {
    return fail(ErrorCode::invalid_input, "This is too long to be kept in the keychain (64 KiB at most).",
                "Ask whoever issues it for a shorter one.");
  }
  return within_limit<void>([key, secret](Backend& backend, const Cancellation& given_up) {
    return backend.write(key, secret, given_up);
  });
}

Result<bool> BoundedStore::remove(const std::string& key) {
  if (auto good = check_key(key); !good) return tl::make_unexpected(good.error());
  return within_limit<bool>(
      [key](Backend& backend, const Cancellation& given_up) { return backend.remove(key, given_up); });
}

std::string BoundedStore::description() const {
  return worker_->backend->description();
}

}  // namespace clickflow::keychain
