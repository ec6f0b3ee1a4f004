#pragma once

#include <map>
#include <string>
#include <vector>

#include "clickflow/mcp/message.h"

namespace clickflow::remote {

/// What the host has set in a session and would silently miss in a new one: its subscriptions and its log
/// level. One thread at a time.
class HostState {
 public:
  /// `request` has succeeded.
  void note(const mcp::Message& request);
  /// The requests that set it all again, under ids of our own.
  std::vector<mcp::Message> requests() const;

 private:
  std::map<std::string, std::string> params_;  // by method and URI
};

}  // namespace clickflow::remote
