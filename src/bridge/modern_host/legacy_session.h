#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "clickflow/mcp/server_description.h"
#include "clickflow/remote/one_at_a_time.h"
#include "clickflow/remote/remote.h"
#include "host_request.h"
#include "log_levels.h"
#include "subscriptions.h"

namespace clickflow::bridge::modern_host {

/// A call that a legacy server may ask something about.
class CallInFlight {
 public:
  virtual ~CallInFlight() = default;
  /// What the server says outside the call's own stream, and means for it: a question, or a notification.
  /// Never waits for the host.
  virtual void on_stray(const mcp::Message& said) = 0;
  virtual bool has_progress_token(std::string_view token) const = 0;
};

/// What a handshake says of the host.
struct Handshake {
  std::string_view revision;
  std::string_view capabilities;  ///< JSON
  std::string_view client_info;   ///< JSON
};

/// A session with a legacy server, and the stream on which the server speaks unasked. Any thread.
class LegacySession : private remote::Receiver {
 public:
  using MakeRemote = std::function<std::unique_ptr<remote::Remote>()>;

  /// `make` is called once, by the first handshake.
  explicit LegacySession(MakeRemote make);
  /// What uses the session must have ended.
  ~LegacySession() override;

  /// Makes the handshake, unless it was made. Whoever comes while it is being made waits for it, and shares
  /// its failure (see OneAtATime).
  Result<void> greet(const Handshake& handshake, const auth::Occasion& occasion);

  // From here on: after greet().
  const mcp::ServerDescription& server() const { return server_; }
  Subscriptions& subscriptions() { return subscriptions_; }
  /// What changes from here on reaches the subscriptions, where the server tells it.
  void await_stream() { remote_->await_stream(); }
  /// Has the server log at the level that the request asks for, while the result lives.
  LogLevels::Hold hold_log_level(const HostRequest& host);

  /// For the next request, as JSON.
  std::string new_id();
  Result<void> send(const mcp::Message& request, remote::Receiver& receiver, const auth::Occasion& occasion) {
    return remote_->send(request, receiver, occasion);
  }
  /// Sends a notification or a response.
  Result<void> tell(const std::string& message, const auth::Occasion& occasion);
  /// The same on our own account: a failure is logged.
  void tell(const std::string& message);
  /// The request under that id (JSON) is given up.
  void cancel(std::string_view remote_id);
  void refuse(const mcp::Message& request, mcp::ErrorNumber code, std::string_view what);
  /// A request of our own. What fails or is refused is logged.
  Result<void> ask(std::string_view method, std::string_view params, const auth::Occasion& occasion);
  auth::Occasion own_occasion() const { return {leaving_, false}; }

  /// What the server says on some stream: true if it is about the session and not about a call. Then it has
  /// been dealt with.
  bool take(const mcp::Message& said);

  /// From before a call is sent until it is answered. leave() waits until the call is told nothing any more.
  void enter(CallInFlight& call);
  void leave(CallInFlight& call);

  /// Begins to take leave of the server, which may take so long. Nothing is to be sent any more.
  void retire(std::chrono::milliseconds limit);
  /// True once that is done, or at the deadline whether it is. The destructor then does not wait.
  bool wait_until_retired(std::chrono::steady_clock::time_point deadline);

 private:
  void on_message(mcp::Message said) override;
  Result<void> begin(const Handshake& handshake, const auth::Occasion& occasion);
  Result<void> shake_hands(const Handshake& handshake, const auth::Occasion& occasion);
  Result<mcp::Message> request(std::string_view method, std::string_view params,
                               const auth::Occasion& occasion);
  void listen();

  const MakeRemote make_;
  const Cancellation leaving_;
  Subscriptions subscriptions_;
  LogLevels log_levels_;
  std::atomic<unsigned> ids_ = 0;

  std::unique_ptr<remote::Remote> remote_;  // like server_: set by the handshake
  mcp::ServerDescription server_;

  remote::OneAtATime greeting_;
  std::atomic<bool> greeted_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<CallInFlight*> calls_;
  bool telling_ = false;  // the listener tells calls something
  std::chrono::milliseconds farewell_limit_{0};
  bool listening_ = false;
  std::thread listener_;
};

}  // namespace clickflow::bridge::modern_host
