#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "clickflow/base/clock.h"
#include "legacy_call.h"

namespace clickflow::bridge::modern_host {

/// What a host may go on with: calls that wait for its answers, and requests that it may make anew. Each can
/// be claimed once, and has a limit; a call beyond its limit is given up here. Any thread.
class SuspendedCalls {
 public:
  /// `clock` outlives this object.
  SuspendedCalls(Clock& clock, std::chrono::milliseconds limit) : clock_(clock), limit_(limit) {}
  ~SuspendedCalls();

  struct Ticket {
    uint64_t number = 0;
    unsigned round = 0;  ///< how often the host has been asked
    TimePoint expires;
  };
  /// `call` may be empty: then what the host may go on with is not open at the server. `round` is how often
  /// the host was asked before. After close(), the call is ended at once.
  Ticket keep(std::shared_ptr<LegacyCall> call, unsigned round);

  struct Claimed {
    std::shared_ptr<LegacyCall> call;
  };
  /// Nothing for what was claimed before, is beyond its limit, or was given up.
  std::optional<Claimed> claim(uint64_t number);

  /// Gives them all up without a word to the server. Their threads end with this object.
  void close();

 private:
  struct Kept {
    TimePoint expires;
    std::shared_ptr<LegacyCall> call;
  };
  void make_room();
  void give_up_late_ones();
  std::map<uint64_t, Kept> take_late_ones();

  Clock& clock_;
  const std::chrono::milliseconds limit_;
  const Cancellation closing_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<uint64_t, Kept> kept_;
  uint64_t numbers_ = 0;
  std::vector<std::shared_ptr<LegacyCall>> abandoned_;
  std::thread watch_;
};

}  // namespace clickflow::bridge::modern_host
