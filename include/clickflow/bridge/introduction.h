#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "clickflow/mcp/revision.h"
#include "clickflow/remote/host_state.h"
#include "clickflow/remote/one_at_a_time.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// What a legacy host has told the server of itself, so that a server that comes to speak otherwise can be
/// told it as well: the handshake, and what it has set since. Any thread.
class Introduction {
 public:
  /// Where a legacy host's messages go when the server speaks so.
  using Way = std::function<remote::Remote&(mcp::Era server)>;
  explicit Introduction(Way way) : way_(std::move(way)) {}

  /// A server that speaks so has taken this, a request or a notification of a legacy host's.
  void note(const mcp::Message& said, mcp::Era server);

  /// Tells it all to a server that speaks so, if the last one that heard it spoke otherwise. Fails as
  /// Remote::send() does, and with `rejected` where the server does not take part.
  Result<void> repeat(mcp::Era server, const auth::Occasion& occasion);

  /// A handshake that has been ended.
  struct Made {
    unsigned number = 0;
    mcp::Era server = mcp::Era::legacy;
    Cancellation over = {};  ///< with the next one
  };
  /// Waits for one after that number; nothing once cancelled.
  std::optional<Made> wait(unsigned seen, const Cancellation& cancellation);

 private:
  bool is_news_to(mcp::Era server) const;
  Result<void> tell_anew(mcp::Era server, const auth::Occasion& occasion);
  void set_again(const mcp::Message& request, mcp::Era server, const auth::Occasion& occasion);

  const Way way_;
  remote::OneAtATime repeating_;  // before mutex_
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  remote::HostState host_;
  std::optional<mcp::Era> told_;  // the era of the server that had its `initialize`
  Made made_;
};

}  // namespace clickflow::bridge
