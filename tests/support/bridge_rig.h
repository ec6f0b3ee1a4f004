#pragma once

#include <thread>
#include <utility>

#include "clickflow/bridge/bridge.h"
#include "support/memory_channel.h"
#include "support/messages.h"
#include "support/scripted_remote.h"
#include "support/waiting.h"

namespace clickflow::testing {

/// A bridge between a host and a remote that both are the test's.
struct BridgeRig {
  explicit BridgeRig(bridge::BridgeSettings settings = {})
      : bridge(host, remote, patient(std::move(settings))) {}
  ~BridgeRig() { end(); }

  /// No end comes to its limits, unless the test says how long they are.
  static bridge::BridgeSettings patient(bridge::BridgeSettings settings) {
    const bridge::BridgeSettings usual;
    if (settings.last_answers_limit == usual.last_answers_limit) settings.last_answers_limit = patience;
    if (settings.threads_limit == usual.threads_limit) settings.threads_limit = patience;
    return settings;
  }

  /// What the remote does must have been said by now.
  void start() {
    thread = std::thread([this] { ended_well = bridge.run(); });
  }
  /// The host closes its side. What run() returned.
  bool end() {
    host.close();
    if (thread.joinable()) thread.join();
    return ended_well;
  }

  MemoryChannel host;
  ScriptedRemote remote;
  bridge::Bridge bridge;
  bool ended_well = false;
  std::thread thread;
};

}  // namespace clickflow::testing
