#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "clickflow/base/cancellation.h"
#include "clickflow/mcp/revision.h"

namespace clickflow::bridge {

/// What is known of how the server speaks. Any thread may call anything.
class ServerEra {
 public:
  /// `fixed`: what the person has said; nothing where it is to be found out.
  explicit ServerEra(std::optional<mcp::Era> fixed) : era_(fixed), proven_(fixed.has_value()), last_(fixed) {}

  struct Belief {
    std::optional<mcp::Era> era;
    bool proven;  ///< the server has shown it, in this process

    std::optional<mcp::Era> if_proven() const { return proven ? era : std::nullopt; }
  };
  Belief belief() const;
  /// The belief's, or while that is none, the one before.
  std::optional<mcp::Era> last() const;

  /// How the server spoke to an earlier process. Does nothing if something is believed.
  void assume(mcp::Era era);
  /// The server has shown it, or, with nothing, that it does not speak as was believed. True if it is another
  /// than the last one.
  bool learn(std::optional<mcp::Era> era);
  /// It has answered as a server of this era does. Does nothing if another is believed by now.
  void prove(mcp::Era era);
  /// Something speaks against it.
  void doubt(mcp::Era era);

  /// The server's answer to server/discover (JSON), for whoever would ask the same a moment later.
  void keep_discovery(std::string discovery);
  /// Empty if there is none, or the server has shown something else since.
  std::string take_discovery();

  /// Is cancelled once a server has shown another era than this one, at once if it has already.
  Cancellation until_other_than(mcp::Era era) const;

 private:
  mutable std::mutex mutex_;
  std::optional<mcp::Era> era_;
  bool proven_;
  std::optional<mcp::Era> last_;
  Cancellation until_other_;  // than last_
  std::string discovery_;
};

}  // namespace clickflow::bridge
