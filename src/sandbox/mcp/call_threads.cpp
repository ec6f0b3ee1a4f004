#include "clickflow/sandbox/mcp/call_threads.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t most_calls = 128;

}  // namespace

CallThreads::~CallThreads() {
  stop();
}

bool CallThreads::run(const Cancellation& cancellation, std::function<void()> work) {
  std::lock_guard lock(mutex_);
  for (auto call = calls_.begin(); call != calls_.end();) {
    if (!*call->done) {
      ++call;
      continue;
    }
    call->thread.join();
    call = calls_.erase(call);
  }
  if (stopping_ || calls_.size() >= most_calls) return false;
  auto done = std::make_shared<std::atomic<bool>>(false);
  calls_.push_back({std::thread([work = std::move(work), done] {
                      work();
                      *done = true;
                    }),
                    cancellation, done});
  return true;
}

void CallThreads::stop() {
  std::list<Call> calls;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    calls.swap(calls_);
  }
  for (auto& call : calls) call.cancellation.cancel();
  for (auto& call : calls) call.thread.join();
}

}  // namespace clickflow::sandbox
