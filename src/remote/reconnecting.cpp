#include "reconnecting.h"

#include <algorithm>
#include <random>

#include "reply.h"

namespace clickflow::remote {
namespace {

using std::chrono::milliseconds;

constexpr auto longest_pause = std::chrono::seconds(300);

}  // namespace

milliseconds grown(milliseconds pause) {
  static thread_local std::minstd_rand random(std::random_device{}());
  const auto doubled = std::min<milliseconds>(std::max(pause, resume_pause) * 2, longest_pause);
  return doubled - milliseconds(random() % static_cast<unsigned>(doubled.count() / 4 + 1));
}

unsigned Rests::wakes() const {
  std::lock_guard lock(mutex_);
  return wakes_;
}

void Rests::wake() {
  std::lock_guard lock(mutex_);
  ++wakes_;
  changed_.notify_all();
}

bool Rests::rest(const Cancellation& cancellation, milliseconds pause, unsigned wakes) {
  const Cancellation::Callback on_cancel(cancellation, [this] {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause, [&] { return cancellation.cancelled() || wakes_ != wakes; });
  return !cancellation.cancelled();
}

}  // namespace clickflow::remote
