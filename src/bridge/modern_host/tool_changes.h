#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "clickflow/base/cancellation.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge::modern_host {

/// Tells whoever listens that a server's tools have changed, of whatever session that was said. Any thread.
class ToolChanges {
 public:
  /// Never waits.
  void on_change(const mcp::Message& change);

  /// Blocks until it is cancelled, or until `closing`. What changed before is told, too, once.
  void listen(remote::Receiver& receiver, const Cancellation& cancellation, const Cancellation& closing);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<mcp::Message> change_;
};

}  // namespace clickflow::bridge::modern_host
