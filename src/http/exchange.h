#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "clickflow/base/error.h"
#include "clickflow/http/client.h"
#include "watchdog.h"

namespace clickflow::http {

/// One request on one connection: what has happened to it, and how it can be ended from outside. One thread
/// carries it; stop() and on_deadline() may come from any.
class Exchange : public Watched {
 public:
  enum class End { none, cancelled, first_byte, silence, whole };
  /// Thrown through cpp-httplib, which has no other way out before the first byte.
  struct Abandoned {};

  /// `end_connection` breaks off what the connection is doing.
  Exchange(std::function<void()> end_connection, const Limits& limits)
      : end_connection_(std::move(end_connection)), limits_(limits) {}

  /// The first reason counts. A connection that is still being made can't be broken off: before_sending()
  /// makes up for it.
  void stop(End reason);
  void on_deadline() override;

  /// The connection stands and the request is about to be written. Throws Abandoned if it must not be: it was
  /// stopped, or is written a second time, which cpp-httplib does by itself where a TLS peer closes in that
  /// moment, and which could run a tool twice.
  void before_sending();
  void on_response();
  /// The receiver has what it wants; the rest may come a moment longer, so that the connection can be kept.
  void on_enough();

  bool sent() const { return sent_; }
  End end() const { return end_; }
  /// Why there is no whole answer to a request that was sent or stopped.
  Error not_finished(const Url& url) const;

 private:
  void wait_for(std::chrono::milliseconds limit);

  const std::function<void()> end_connection_;
  const Limits limits_;
  std::atomic<bool> sent_ = false;
  std::atomic<bool> heard_ = false;
  std::atomic<std::chrono::steady_clock::time_point> sent_at_ = std::chrono::steady_clock::time_point();
  std::atomic<End> end_ = End::none;
};

/// Host and port, as errors name a server.
std::string peer_of(const Url& url);
/// "250 ms", "10 s".
std::string in_words(std::chrono::milliseconds limit);

}  // namespace clickflow::http
