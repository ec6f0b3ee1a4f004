#pragma once

#include <mutex>
#include <string>

#include "clickflow/base/error.h"
#include "clickflow/mcp/message.h"

namespace clickflow::remote {

/// The last call of a tool that switches where later calls work, of those that have succeeded. A server keeps
/// that for a session; here it is kept for the host, whatever sessions it comes to have. To make it again
/// sets what is set already. Any thread.
class LastSwitch {
 public:
  /// `what` the tool does, for an error: "the switch to …".
  LastSwitch(std::string tool, std::string what) : tool_(std::move(tool)), what_(std::move(what)) {}

  struct Made {
    unsigned number = 0;    ///< another one for each switch; 0: none was made
    std::string arguments;  ///< JSON; may be empty
  };
  Made made() const;

  bool is_one(const mcp::Message& request) const;
  /// True if an answer to a switch says that it was made.
  static bool has_succeeded(const mcp::Message& answer);

  /// A switch has been made. Its number.
  unsigned note(const mcp::Message& request);
  /// No session has had the last one: the server has changed under all of them.
  void renew();
  /// The host begins anew.
  void forget();

  /// The request that makes it again. `id` is JSON.
  mcp::Message again(const Made& made, std::string_view id) const;
  /// Why a call was not sent where that has failed, or was refused.
  Error not_made(const Made& made, const Result<void>& sent = {}) const;

 private:
  const std::string tool_, what_;
  mutable std::mutex mutex_;
  Made made_;
  unsigned numbers_ = 0;
};

}  // namespace clickflow::remote
