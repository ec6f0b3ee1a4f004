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
  /// Ends as end() does where that was not called, with Exit::failure.
  ~LocalHost();
  /// Ends the session and gives back `status`, or ends the process with it if a thread is stuck in the
  /// system. Called when everything has been printed.
  int end(int status);

  /// The handshake; the answer's result, as JSON. What fails comes with the words that an assistant would
  /// get.
  Result<std::string> initialize();
  /// A request; its result, as JSON. A tool call that was refused here, or failed on its way, is a failure
  /// too: what comes as a result has been said by the tool. What the server says meanwhile goes to
  /// `on_notification`. `params` is JSON. `invalid_input` where the server says that they are wrong.
  Result<std::string> request(std::string_view method, std::string_view params,
                              const OnNotification& on_notification = {});

 private:
  class Pipe;

  std::unique_ptr<Pipe> pipe_;
  bridge::Bridge bridge_;
  bool ended_well_ = false;
  std::thread thread_;
  int last_id_ = 0;
};

}  // namespace clickflow::cli
