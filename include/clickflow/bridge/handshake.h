#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

#include "clickflow/remote/one_at_a_time.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// The handshake with the server, which a legacy host was spared: it was answered from here, and is made with
/// the host's own messages when something needs it. However many want it at once, it is made once. Any
/// thread.
class Handshake {
 public:
  /// Gets the host's `initialize` and the server's result, in the thread that made the handshake, before
  /// anybody goes on who waited for it.
  using OnMade = std::function<void(const mcp::Message& initialize, std::string_view result)>;

  /// `remote` and `other` outlive this object. `other` gets the notifications that come meanwhile.
  Handshake(remote::Remote& remote, remote::Receiver& other, OnMade on_made)
      : remote_(remote), other_(other), on_made_(std::move(on_made)) {}

  /// The host has been answered; the handshake with the server takes the place of any that was made before.
  void owe(const mcp::Message& initialize);
  /// Keeps the host's `notifications/initialized` for the server. False if it is to be sent now: the rest has
  /// been made before it came.
  bool keep(const mcp::Message& initialized);
  bool owed() const;

  /// Success at once where nothing is owed. Waits for whoever is making it, and shares his failure (see
  /// OneAtATime). Fails as Remote::send() does, and with `rejected` where the server refuses us.
  Result<void> make(const auth::Occasion& occasion);

  /// Waits until nothing is owed, after the `seen`th change to that. Returns which change it is, or nothing
  /// if cancelled.
  std::optional<unsigned> wait_until_made(unsigned seen, const Cancellation& cancellation);

  /// Of the last attempt, if it failed.
  std::optional<Error> failure() const { return making_.failure(); }

 private:
  Result<void> perform(const auth::Occasion& occasion);

  remote::Remote& remote_;
  remote::Receiver& other_;
  const OnMade on_made_;
  remote::OneAtATime making_;  // before mutex_
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<mcp::Message> initialize_;
  std::optional<mcp::Message> initialized_;
  bool owed_ = false;
  unsigned debts_ = 0;    // how often it was owed
  unsigned settled_ = 1;  // how often nothing was owed any more
};

}  // namespace clickflow::bridge
