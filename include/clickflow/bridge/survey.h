#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "clickflow/bridge/known_server.h"
#include "clickflow/bridge/shown_lists.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// Asks the server, behind the host's back, for what is not known of it yet: what it is and which lists it
/// has. One thread at a time.
class Survey {
 public:
  struct Settings {
    /// For one request of its own.
    std::chrono::milliseconds limit = std::chrono::seconds(30);
    /// How the server speaks, where that is known by now.
    std::function<std::optional<mcp::Era>()> server_era;
  };

  /// All outlive this object. `other` gets what the server says beside its answers to a legacy host.
  Survey(remote::Remote& remote, KnownServer& known, ShownLists& shown, remote::Receiver& other,
         Settings settings)
      : remote_(remote), known_(known), shown_(shown), other_(other), settings_(std::move(settings)) {}

  /// `provisional`: only lists of which the host has been given something else than the server's own answer.
  enum class Extent { provisional, all };

  /// Asks in the manner of a modern host's request, of which nothing but its `_meta` counts
  /// (mcp::in_manner_of), or in a legacy host's session where there is none. A list
  /// that the host is asking for itself is left to it. `tell` is called with the method of the notification
  /// for each list that the host has and that is another one now. Fails as Remote::send() does; what was
  /// learnt until then counts.
  Result<void> run(Extent extent, const std::optional<mcp::Message>& manner, bool knew_nothing,
                   const std::function<void(std::string_view method)>& tell, const auth::Occasion& occasion);

 private:
  Result<mcp::Message> ask(std::string_view method, std::string_view params,
                           const std::optional<mcp::Message>& manner, const auth::Occasion& occasion);
  Result<void> describe(const mcp::Message& manner, const auth::Occasion& occasion);
  Result<std::string> load(mcp::List list, const std::optional<mcp::Message>& manner,
                           const auth::Occasion& occasion);

  remote::Remote& remote_;
  KnownServer& known_;
  ShownLists& shown_;
  remote::Receiver& other_;
  const Settings settings_;
  std::atomic<unsigned> requests_ = 0;
};

}  // namespace clickflow::bridge
