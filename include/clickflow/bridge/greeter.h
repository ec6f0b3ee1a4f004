#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// The name of the tool that stands for all others while nobody is signed in.
constexpr std::string_view sign_in_tool = "clickflow_sign_in";

/// Keeps the host's handshake from failing, or waiting for a person, because nobody is signed in or the
/// server can't be reached: the host is then greeted from here, and the handshake with the server is made up
/// for by the first request that gets through. While nobody is signed in, a host that asks for tools is shown
/// one that signs in, also where the server has let the handshake itself pass. A modern host, which makes no
/// handshake, is greeted in the same way (`server/discover`), and its subscriptions begin here.
class Greeter : public remote::Remote {
 public:
  struct Settings {
    /// Whether there is a way to sign in: an API key can't be helped by it.
    bool can_sign_in = false;
    /// Asked every few seconds while the handshake is owed, or the host shows the tool that signs in: has
    /// somebody signed in?
    std::function<bool()> signed_in;
  };

  /// `remote` outlives this object.
  Greeter(remote::Remote& remote, Settings settings) : remote_(remote), settings_(std::move(settings)) {}

  Result<void> send(const mcp::Message& message, remote::Receiver& receiver,
                    const auth::Occasion& occasion) override;
  /// Also tells the host that the tools have changed: once the handshake has been made up for, and when
  /// somebody has signed in since the host was shown the tool that does it.
  void listen(remote::Receiver& receiver, const Cancellation& cancellation) override;
  void close(std::chrono::milliseconds limit) override { remote_.close(limit); }

 private:
  Result<void> greet(const mcp::Message& initialize, remote::Receiver& receiver,
                     const auth::Occasion& occasion);
  Result<void> subscribe(const mcp::Message& request, remote::Receiver& receiver,
                         const auth::Occasion& occasion);
  Result<void> sign_in(const mcp::Message& call, remote::Receiver& receiver, const auth::Occasion& occasion);
  Result<void> answer_signed_out(const mcp::Message& request, remote::Receiver& receiver,
                                 const auth::Occasion& occasion, const Error& why);
  void tell_of_sign_in(remote::Receiver& receiver, const Cancellation& cancellation);
  void set_offered(bool offered);
  Result<void> make_up(const auth::Occasion& occasion);
  bool owes() const;

  remote::Remote& remote_;
  const Settings settings_;
  std::mutex making_up_;
  mutable std::mutex mutex_;
  bool owed_ = false;
  std::optional<mcp::Message> initialize_;
  std::optional<mcp::Message> initialized_;
  bool offered_ = false;  // the host has been shown the tool that signs in, and no others since
  std::condition_variable offered_changed_;
};

}  // namespace clickflow::bridge
