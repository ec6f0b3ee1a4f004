#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "clickflow/bridge/calls.h"
#include "clickflow/bridge/channel.h"
#include "clickflow/bridge/gate.h"
#include "clickflow/bridge/policy.h"
#include "clickflow/bridge/tool_directory.h"
#include "clickflow/bridge/workers.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

struct BridgeSettings {
  Policy policy;
  bool safe_tool_names = true;
  /// A tool call that fails on its way is answered with a result, which a model reads; else, as any other
  /// request is, with an error.
  bool failures_are_results = true;
  /// Once the host has closed its side: for the last answers, and then for the threads to end. Hosts send
  /// SIGTERM 2 s after that.
  std::chrono::milliseconds last_answers_limit{700};
  std::chrono::milliseconds threads_limit{350};
};

/// Carries messages between a host and a remote. Each request of the host's gets one answer: the server's, or
/// one from here that says why there is none. Requests run side by side; notifications and the host's own
/// responses keep their order. The host may speak either era, and both in turn: each request says which. A
/// modern host gets no request from here, and no notification that it did not subscribe to. A host that
/// writes and does not read is read on until 64 MiB wait for it.
class Bridge : private remote::Receiver {
 public:
  /// Both outlive this object.
  Bridge(Channel& host, remote::Remote& remote, BridgeSettings settings);
  ~Bridge() override;

  /// Runs until the host closes its side. What is in flight then gets a moment to be answered; the session is
  /// ended. False if a thread is stuck in a system call: then the process must end without destroying
  /// anything.
  [[nodiscard]] bool run();

 private:
  using GatePtr = std::shared_ptr<Gate>;
  // Of the requests that show a link to the host.
  static constexpr std::string_view link_id_prefix = "clickflow-mcp/link/";
  struct PersonAsked {
    int notices = 0;
    bool had_link = false;    // a modern host has shown it, and the call has come again
    std::string elicitation;  // its id, where the host shows the link
  };

  // The main thread, for each line.
  void on_line(std::string line);
  void on_long_line(std::string_view ends);
  void on_batch(const std::string& text);
  void on_text(std::string text, bool allowed);
  void on_request(mcp::Message request);
  void on_notification(mcp::Message notification);
  void forward_in_order(mcp::Message message, GatePtr opens, std::shared_ptr<Call> ends);
  void refuse(mcp::ErrorNumber code, std::string_view what, std::string_view id = {});
  void answer_here(const std::shared_ptr<Call>& call, std::string text);
  void write_soon(size_t size, std::function<void()> write);

  // A worker, for each request.
  void serve(const std::shared_ptr<Call>& call, mcp::Message request, const GatePtr& after);
  Result<mcp::Message> prepare_tool_call(const Call& call, mcp::Message request,
                                         const auth::Occasion& occasion, bool& answered);
  void answer(const Call& call, const mcp::Message& request, mcp::Message response,
              ToolDirectory::Stamp tools_then, const auth::Occasion& occasion);
  void answer(const Call& call, std::string_view text);
  void fail_call(const Call& call, const Error& error);
  auth::Occasion occasion_of(const Call& call, const mcp::Message& request, PersonAsked& asked);

  // What the server says without being asked, in whatever thread it came through.
  void on_message(mcp::Message message) override;
  // What the server says while it answers a call.
  void on_message(const Call& call, mcp::Message message);

  void start_listening();
  bool show_link(const std::string& link, PersonAsked& asked);
  bool is_new(const std::string& link);
  void forget_links();
  bool show_link_in_answer(const std::string& link, const Call& call);

  Channel& host_;
  remote::Remote& remote_;
  const BridgeSettings settings_;
  ToolDirectory tools_;
  Calls calls_;
  GatePtr gate_;  // main thread: what is read next waits for it
  std::atomic<bool> allows_batches_ = false;
  std::atomic<bool> host_shows_links_ = false;
  std::atomic<int> link_ids_ = 0;
  std::mutex links_mutex_;
  std::set<std::string> links_shown_;  // until the person declines

  std::mutex unwritten_mutex_;
  std::condition_variable written_;
  size_t unwritten_ = 0;  // bytes that the writer has still to write

  Cancellation ending_;
  std::atomic<bool> listening_ = false;
  Workers workers_;
  Workers lane_;
  Workers writer_;  // of what the main thread has to say
  Workers listener_;
};

}  // namespace clickflow::bridge
