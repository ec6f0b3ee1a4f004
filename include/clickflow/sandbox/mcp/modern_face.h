#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/sandbox/mcp/call_threads.h"
#include "clickflow/sandbox/mcp/posting.h"
#include "clickflow/sandbox/mcp/request_state.h"
#include "clickflow/sandbox/mcp/settings.h"
#include "clickflow/sandbox/mcp/subscriptions.h"
#include "clickflow/sandbox/switched_organizations.h"
#include "clickflow/sandbox/tools.h"

namespace clickflow::sandbox {

/// The revision without a handshake, 2026-07-28: each request stands for itself. A call that asks for
/// progress is answered by a stream, and ends when its client closes that. Any thread may call anything.
class ModernFace {
 public:
  /// What it is given outlives it.
  ModernFace(const Platform& platform, SwitchedOrganizations& switched, CallThreads& threads,
             const McpSettings& settings);

  Reply post(const Posting& posting, const Caller& caller);
  /// For what is no POST.
  static Reply method_not_allowed();

  /// The caller has switched from one organization to another.
  void switched(const Caller& caller, const std::string& before, const std::string& after);

  /// Ends the subscriptions.
  void stop() { subscriptions_.stop(); }

 private:
  /// A request that keeps the rules. Owned, since a call may outlive its connection.
  struct Inquiry {
    mcp::Message message;
    Caller caller;
    std::string organization_header;
  };

  Reply answer(const Inquiry& inquiry, const Request& request);
  Reply discover(const Inquiry& inquiry) const;
  Reply list_tools(const Inquiry& inquiry) const;
  Reply call(const Inquiry& inquiry, const Request& request);
  std::optional<std::string> take_responses(const Inquiry& inquiry, const Json& params, ToolCall& call) const;
  Reply call_with_progress(const Inquiry& inquiry, const Tool& tool, ToolCall call, const Json& token);
  std::string call_answer(const Inquiry& inquiry, const Tool& tool, ToolCall& call) const;
  Reply listen(const Inquiry& inquiry);
  std::string organization_of(const Inquiry& inquiry) const;

  const Platform platform_;
  const std::vector<std::string_view> spoken_;
  const bool test_controls_;
  SwitchedOrganizations& switched_;
  CallThreads& threads_;
  const RequestStates states_;
  Subscriptions subscriptions_;
};

}  // namespace clickflow::sandbox
