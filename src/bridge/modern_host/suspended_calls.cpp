#include "suspended_calls.h"

#include <algorithm>
#include <utility>

#include "clickflow/base/log.h"

namespace clickflow::bridge::modern_host {
namespace {

// Requests that may be made anew hold nothing open, but a host could ask for them without end.
constexpr size_t most_kept = 10'000;

}  // namespace

SuspendedCalls::~SuspendedCalls() {
  close();
  if (watch_.joinable()) watch_.join();
  for (const auto& call : abandoned_) call->end(LegacyCall::Farewell::silent);
}

SuspendedCalls::Ticket SuspendedCalls::keep(std::shared_ptr<LegacyCall> call, unsigned round) {
  std::shared_ptr<LegacyCall> ended = call;
  Ticket ticket{0, round + 1, clock_.now() + limit_};
  {
    std::lock_guard lock(mutex_);
    ticket.number = ++numbers_;
    if (!closing_.cancelled()) {
      make_room();
      kept_[ticket.number] = {ticket.expires, std::move(call)};
      if (!watch_.joinable()) watch_ = std::thread([this] { give_up_late_ones(); });
      changed_.notify_all();
      return ticket;
    }
  }
  if (ended) ended->end(LegacyCall::Farewell::silent);
  return ticket;
}

void SuspendedCalls::make_room() {
  if (kept_.size() < most_kept) return;
  const auto oldest =
      std::find_if(kept_.begin(), kept_.end(), [](const auto& each) { return !each.second.call; });
  if (oldest != kept_.end()) kept_.erase(oldest);
}

std::optional<SuspendedCalls::Claimed> SuspendedCalls::claim(uint64_t number) {
  std::lock_guard lock(mutex_);
  const auto found = kept_.find(number);
  if (found == kept_.end() || found->second.expires <= clock_.now()) return std::nullopt;
  Claimed claimed{std::move(found->second.call)};
  kept_.erase(found);
  return claimed;
}

std::map<uint64_t, SuspendedCalls::Kept> SuspendedCalls::take_late_ones() {
  const TimePoint now = clock_.now();
  std::map<uint64_t, Kept> late;
  std::lock_guard lock(mutex_);
  for (auto each = kept_.begin(); each != kept_.end();) {
    const auto next = std::next(each);
    if (each->second.expires <= now) late.insert(kept_.extract(each));
    each = next;
  }
  return late;
}

// All have the same limit: what comes later does not expire before what is slept for.
void SuspendedCalls::give_up_late_ones() {
  for (;;) {
    TimePoint next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !kept_.empty() || closing_.cancelled(); });
      if (closing_.cancelled()) return;
      next = std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
               return a.second.expires < b.second.expires;
             })->second.expires;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock_.now());
    if (left.count() > 0 && !clock_.sleep(left, closing_)) return;
    for (const auto& [number, late] : take_late_ones()) {
      if (!late.call) continue;
      log::info("a call is given up: the host did not go on with it");
      late.call->end(LegacyCall::Farewell::cancel);
    }
  }
}

void SuspendedCalls::close() {
  closing_.cancel();
  std::vector<std::shared_ptr<LegacyCall>> calls;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [number, kept] : kept_) {
      if (kept.call) calls.push_back(kept.call);
    }
    kept_.clear();
    abandoned_.insert(abandoned_.end(), calls.begin(), calls.end());
    changed_.notify_all();
  }
  for (const auto& call : calls) call->abandon();
}

}  // namespace clickflow::bridge::modern_host
