#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "clickflow/mcp/message.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/sessions.h"
#include "clickflow/sandbox/tools.h"

namespace clickflow::sandbox {

/// The tools over Streamable HTTP, in the revisions 2025-03-26, 2025-06-18 and 2025-11-25, for callers who
/// have been authenticated. A call that asks for progress is answered by a stream of events and runs on a
/// thread of its own, so that a broken connection does not end it; everything else is answered at once, in
/// JSON. Any thread may call anything.
class McpFace {
 public:
  explicit McpFace(const Platform& platform);
  ~McpFace();

  Reply handle(const Request& request, const Caller& caller);

  /// Ends all sessions and waits for their calls, which end at once.
  void stop();

 private:
  /// One message and what it comes with. Owned, since a call may outlive its connection.
  struct Context {
    Caller caller;
    std::shared_ptr<Session> session;
    std::string organization_header;
    std::function<void(int percent, const std::string& message)> report;
    Cancellation cancellation;
  };

  Reply post(const Request& request, const Caller& caller);
  Reply get(const Request& request, const Caller& caller);
  Reply remove(const Request& request, const Caller& caller);
  Reply initialize(const mcp::Message& message, const Caller& caller);
  Reply batch(const Context& context, const std::string& body);
  Reply call_with_progress(Context context, const mcp::Message& message, const Json& token);
  std::string answer(const Context& context, const mcp::Message& message);
  std::string call_answer(const Context& context, const mcp::Message& message);
  ToolCall tool_call(const Context& context) const;
  bool run(std::function<void()> work);

  struct Worker {
    std::thread thread;
    std::shared_ptr<std::atomic<bool>> done;
  };

  const Platform platform_;
  Sessions sessions_;
  std::mutex mutex_;
  bool stopping_ = false;
  std::list<Worker> workers_;
};

}  // namespace clickflow::sandbox
