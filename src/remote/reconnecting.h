#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "clickflow/base/cancellation.h"

/// What it takes to keep a stream of the server's open.
namespace clickflow::remote {

/// A stream may rightly be idle; keep-alive finds dead peers.
constexpr auto listening_silence = std::chrono::minutes(30);

/// The pause after this one: about twice as long, five minutes at most, and never the same for many clients.
std::chrono::milliseconds grown(std::chrono::milliseconds pause);

/// Pauses that news from elsewhere ends early. Any thread may call anything.
class Rests {
 public:
  /// Counts the news.
  unsigned wakes() const;
  void wake();
  /// Ends at the first news after `wakes`. False if it was cancelled.
  bool rest(const Cancellation& cancellation, std::chrono::milliseconds pause, unsigned wakes);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  unsigned wakes_ = 0;
};

}  // namespace clickflow::remote
