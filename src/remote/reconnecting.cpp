#include "reconnecting.h"

#include <algorithm>
#include <random>

#include "reply.h"

namespace clickflow::remote {
namespace {

using std::chrono::milliseconds;

// Where the server names none.
constexpr milliseconds first_pause{1000};
// Whatever the server wishes.
constexpr milliseconds shortest_pause{100};
constexpr auto longest_pause = std::chrono::seconds(300);
// A stream that has lasted this long was a good one, even if it had nothing to tell.
constexpr auto good_while = std::chrono::seconds(10);

milliseconds grown(milliseconds pause) {
  static thread_local std::minstd_rand random(std::random_device{}());
  const auto doubled = std::min<milliseconds>(pause * 2, longest_pause);
  return doubled - milliseconds(random() % static_cast<unsigned>(doubled.count() / 4 + 1));
}

}  // namespace

bool is_transient(int status) {
  return status == 408 || status == 409 || status == 429 || (status >= 500 && status != 501);
}

milliseconds Pauses::after(const Reply& reply, std::chrono::steady_clock::duration took, bool brought_news) {
  const auto wish = reply.retry() ? milliseconds(*reply.retry()) : milliseconds(0);
  const bool good = reply.is_stream() && (brought_news || took >= good_while);
  idle_ = good ? 0 : idle_ + 1;
  if (good) {
    pause_ = reply.retry() ? std::max(wish, shortest_pause) : first_pause;
  } else {
    pause_ = std::max(pause_ == milliseconds(0) ? first_pause : grown(pause_), wish);
  }
  return pause_;
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
  const Wake wake(cancellation, mutex_, changed_);
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause, [&] { return cancellation.cancelled() || wakes_ != wakes; });
  return !cancellation.cancelled();
}

}  // namespace clickflow::remote
