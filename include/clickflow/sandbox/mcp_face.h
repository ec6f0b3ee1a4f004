#pragma once

#include "clickflow/sandbox/mcp/legacy_face.h"
#include "clickflow/sandbox/mcp/modern_face.h"

namespace clickflow::sandbox {

/// The tools over Streamable HTTP, for callers who have been authenticated: finds the era of the protocol
/// that a request belongs to. Any thread may call anything.
class McpFace {
 public:
  /// What it is given outlives it.
  McpFace(const Platform& platform, SwitchedOrganizations& switched, const McpSettings& settings);
  ~McpFace();

  Reply handle(const Request& request, const Caller& caller);

  /// A caller without a session has switched from one organization to another.
  void switched(const Caller& caller, const std::string& before, const std::string& after) {
    modern_.switched(caller, before, after);
  }

  /// Ends all sessions and subscriptions, and waits for the calls, which end at once.
  void stop();

 private:
  bool is_modern(const Posting& posting) const;
  bool is_modern(const Request& request) const;

  const Protocol protocol_;
  CallThreads threads_;
  LegacyFace legacy_;
  ModernFace modern_;
};

}  // namespace clickflow::sandbox
