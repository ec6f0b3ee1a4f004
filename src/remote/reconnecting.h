#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "clickflow/base/cancellation.h"

/// What it takes to keep a stream of the server's open.
namespace clickflow::remote {

/// A stream may rightly be idle; keep-alive finds dead peers.
constexpr auto listening_silence = std::chrono::minutes(30);

/// A status that may be another one after a pause: the server is busy or in trouble, or has not noticed yet
/// that the stream before this one broke (409).
bool is_transient(int status);

/// How long to wait before a stream is asked for again. One thread at a time.
class Pauses {
 public:
  /// After a stream, or what came in its place, that took this long. A good one, which brought news or has
  /// lasted, is asked for again as soon as the server wishes. Otherwise the server's wish can only make a
  /// pause longer, and each is about twice the one before: five minutes at most, and never the same for many
  /// clients.
  std::chrono::milliseconds after(const class Reply& reply, std::chrono::steady_clock::duration took,
                                  bool brought_news);
  /// How many in a row were no good ones.
  int idle() const { return idle_; }

 private:
  std::chrono::milliseconds pause_{0};
  int idle_ = 0;
};

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
