#pragma once

#include <functional>
#include <memory>
#include <string>

#include "clickflow/sandbox/mcp/call_threads.h"
#include "clickflow/sandbox/mcp/posting.h"
#include "clickflow/sandbox/sessions.h"
#include "clickflow/sandbox/tools.h"

namespace clickflow::sandbox {

/// The revisions with a handshake: 2025-03-26, 2025-06-18 and 2025-11-25. A call that asks for progress is
/// answered by a stream of events and runs on a thread of its own, so that a broken connection does not end
/// it; everything else is answered at once, in JSON. Any thread may call anything.
class LegacyFace {
 public:
  /// What it is given outlives it.
  LegacyFace(const Platform& platform, CallThreads& threads);

  Reply post(const Posting& posting, const Caller& caller);
  /// GET, DELETE, and the methods that MCP has not.
  Reply handle(const Request& request, const Caller& caller);

  /// Ends all sessions, and cancels their calls.
  void stop() { sessions_.end_all(); }

 private:
  /// One message and what it comes with. Owned, since a call may outlive its connection.
  struct Context {
    Caller caller;
    std::shared_ptr<Session> session;
    std::string organization_header;
    std::function<void(int percent, const std::string& message)> report;
    Cancellation cancellation;
  };

  Reply get(const Request& request, const Caller& caller);
  Reply remove(const Request& request, const Caller& caller);
  Reply initialize(const mcp::Message& message, const Caller& caller);
  Reply batch(const Context& context, const std::string& body);
  Reply call_with_progress(Context context, const mcp::Message& message, const Json& token);
  std::string answer(const Context& context, const mcp::Message& message);
  std::string call_answer(const Context& context, const mcp::Message& message);
  ToolCall tool_call(const Context& context) const;

  const Platform platform_;
  CallThreads& threads_;
  Sessions sessions_;
};

}  // namespace clickflow::sandbox
