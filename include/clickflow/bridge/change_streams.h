#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

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
    Cancellation cancellation;
    std::thread thread;
  };
  using Resources = std::map<std::string, std::shared_ptr<Stream>>;
  void hear(const std::string& filter, remote::Receiver& receiver, const Cancellation& cancellation,
            const std::function<void(bool served)>& tell);
  static bool start(Stream& stream, std::function<void()> hear_it);
  void hear_resource(const std::string& uri, Stream& stream, remote::Receiver& receiver);
  void leave(Resources::iterator resource);
  void end_left(std::unique_lock<std::mutex>& lock);

  remote::Remote& remote_;
  const std::function<std::string()> meta_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Resources resources_;
  std::vector<std::shared_ptr<Stream>> left_;  // unsubscribed or refused, still to be ended
  unsigned streams_ = 0;
};

}  // namespace clickflow::bridge
