#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clickflow/mcp/message.h"

namespace clickflow::remote {

/// What the host has said in a session and a new one must hear as well: its handshake, its subscriptions and
/// its log level. One thread at a time.
class HostState {
 public:
  /// A request has succeeded, or a notification was given to us. `initialize` begins anew.
  void note(const mcp::Message& said);

  /// The host's own messages.
  const std::optional<mcp::Message>& initialize() const { return initialize_; }
  const std::optional<mcp::Message>& initialized() const { return initialized_; }
  /// The requests that set the rest again, under ids of our own.
  std::vector<mcp::Message> requests() const;

 private:
  std::optional<mcp::Message> initialize_, initialized_;
  std::map<std::string, std::string> params_;  // by method and URI
};

}  // namespace clickflow::remote
