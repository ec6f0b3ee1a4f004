#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "clickflow/bridge/bridge.h"

namespace clickflow::cli {

/// A host within the program: the commands talk through the bridge, over a channel in memory, just as an
/// assistant does over pipes. One thread uses it.
class LocalHost {
 public:
  using OnNotification = std::function<void(const mcp::Message&)>;

  /// `remote` outlives this object.
  LocalHost(remote::Remote& remote, bridge::BridgeSettings settings);
  /// Ends the session. Ends the process if a thread is stuck in the system.
  ~LocalHost();

  /// The handshake; the answer's result, as JSON. What fails comes with the words that an assistant would
  /// get.
  Result<std::string> initialize();
  /// A request; its result, as JSON. What the server says meanwhile goes to `on_notification`. `params` is
  /// JSON.
  Result<std::string> request(std::string_view method, std::string_view params,
                              const OnNotification& on_notification = {});

 private:
  class Pipe;

  std::unique_ptr<Pipe> pipe_;
  bridge::Bridge bridge_;
  std::thread thread_;
  int last_id_ = 0;
};

}  // namespace clickflow::cli
