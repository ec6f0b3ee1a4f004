#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// What a legacy host hears of changes at a modern server: `subscriptions/listen` streams (2026-07-28,
/// "Subscriptions") in place of the legacy server's own stream and of `resources/subscribe`. One stream tells
/// of the lists, and each resource that the host subscribes to has its own, so that none has to be broken off
/// when another begins. Any thread.
class ChangeStreams {
 public:
  /// `remote` outlives this object. `meta` gives the `_meta` of a request, as JSON.
  ChangeStreams(remote::Remote& remote, std::function<std::string()> meta)
      : remote_(remote), meta_(std::move(meta)) {}

  /// Receives what changes until it is cancelled. `lists` is the filter for the lists, as JSON; no stream is
  /// opened for an empty one. One thread at a time.
  void run(const std::string& lists, remote::Receiver& receiver, const Cancellation& cancellation);

  /// Subscribes to a resource (`uri` is JSON) and waits, within a limit, until the server has agreed. Success
  /// if the host is subscribed already.
  Result<void> subscribe(const std::string& uri, const Cancellation& cancellation);
  void unsubscribe(const std::string& uri);

 private:
  struct Stream {
    enum class State { wanted, opening, agreed, refused } state = State::wanted;
    std::string refusal;
    Cancellation cancellation;
    std::thread thread;
  };
  void hear(const std::string& filter, remote::Receiver& receiver, const Cancellation& cancellation,
            const std::function<void(Stream::State, std::string)>& tell);
  void start(const std::string& uri, Stream& stream, remote::Receiver& receiver);

  remote::Remote& remote_;
  const std::function<std::string()> meta_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Stream>> resources_;
  std::vector<std::shared_ptr<Stream>> left_;  // unsubscribed, their threads still to be joined
  bool running_ = false;
  unsigned streams_ = 0;
};

}  // namespace clickflow::bridge
