#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "clickflow/base/clock.h"
#include "clickflow/mcp/revision.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

struct ModernHostSettings {
  /// What handshakes ask for: a legacy revision.
  std::string revision = std::string(mcp::newest_legacy_revision);
  /// How long a call waits for the host's answers to what the server asks. Then it is given up.
  std::chrono::milliseconds suspended_limit = std::chrono::minutes(5);
  /// How long questions are gathered that come together.
  std::chrono::milliseconds gather_time{20};
  /// Of one call: beyond it, the server is told that no more is answered.
  unsigned most_rounds = 32;
  /// One for each set of capabilities that requests declare.
  size_t most_sessions = 4;
  /// Of those that a server may ask something about, running or suspended. Each holds a thread.
  size_t most_calls = 128;
  /// For a session, or for a place among the calls.
  std::chrono::milliseconds wait_limit = std::chrono::seconds(30);
  /// Of the states that a host holds; outlives the translator.
  Clock* clock = &system_clock();
};

/// A remote that takes modern messages and speaks to a legacy server (2026-07-28, "Versioning and
/// Compatibility"): it makes handshakes, and keeps a session for each set of capabilities that the host's
/// requests declare. What a server asks for in the middle of a call becomes the call's answer, which asks for
/// input ("Multi Round-Trip Requests"); meanwhile the call stays open here, and the host's retry goes on with
/// it. Nothing is run twice.
class ModernHostTranslator : public remote::Remote {
 public:
  using Settings = ModernHostSettings;
  using MakeSession = std::function<std::unique_ptr<remote::Remote>()>;

  /// Each remote that `make_session` makes is one legacy session.
  explicit ModernHostTranslator(MakeSession make_session, Settings settings = {});
  /// What was sent must have returned.
  ~ModernHostTranslator() override;

  /// Cancelling the occasion cancels the request at the server. A modern host has nothing to say but
  /// requests: anything else is dropped.
  Result<void> send(const mcp::Message& message, remote::Receiver& receiver,
                    const auth::Occasion& occasion) override;
  /// Returns at once: what the server starts by itself goes to whoever has subscribed to it
  /// (subscriptions/listen), or nowhere.
  void listen(remote::Receiver& receiver, const Cancellation& cancellation) override;
  void close(std::chrono::milliseconds limit) override;

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace clickflow::bridge
