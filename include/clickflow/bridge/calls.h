#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "clickflow/base/cancellation.h"
#include "clickflow/bridge/gate.h"
#include "clickflow/mcp/message.h"
#include "clickflow/mcp/revision.h"

namespace clickflow::bridge {

/// A request of the host's that is waiting for its answer.
struct Call {
  std::string id;  ///< as JSON, as the host spells it
  std::string method;
  mcp::Era era = mcp::Era::legacy;  ///< of the host, when it made the request
  std::atomic<bool> begun = false;  ///< set once: by the first step toward the server, or by a cancellation
  Cancellation cancellation;
  std::shared_ptr<Gate> opens;  ///< when it is answered; may be empty
};

/// The calls in flight. Who takes a call out may answer it: that is how each gets one answer, whoever comes
/// first (the response, a failure, the end), and none after a cancellation. Any thread.
class Calls {
 public:
  /// Nothing if a call with that id is in flight.
  std::shared_ptr<Call> begin(const mcp::Message& request, mcp::Era era,
                              std::shared_ptr<Gate> opens = nullptr);

  /// `id` as JSON.
  bool is_in_flight(std::string_view id) const;

  /// True for one caller, once.
  bool take(const Call& call);
  /// Takes out the call with that id (as JSON; anything may stand there), if there is one, without ending it.
  std::shared_ptr<Call> take(std::string_view id);

  /// Ends everything; nothing of it will be answered.
  void cancel_all();
  /// False if some are still in flight after `limit`. Subscriptions, which end with the host, don't count.
  bool wait_until_none(std::chrono::milliseconds limit);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Call>> calls_;
};

}  // namespace clickflow::bridge
