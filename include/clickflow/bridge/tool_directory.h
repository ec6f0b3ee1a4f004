#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "clickflow/bridge/policy.h"
#include "clickflow/mcp/tool_names.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// The server's tools as the host sees them: what the policy hides is left out, and names that a host might
/// not take are replaced. Its own requests have ids that begin with "clickflow-mcp/", by which a Reception
/// tells them from the host's. Any thread.
class ToolDirectory {
 public:
  /// All outlive this object. `other` gets what the server says beside the answers to the directory's own
  /// requests.
  ToolDirectory(remote::Remote& remote, remote::Receiver& other, const Policy& policy, bool safe_names);

  /// How often the server's tools have changed.
  using Stamp = unsigned;
  Stamp stamp() const;

  /// The answer to a tools/list of the host's, as it shall go to it. The very same message where nothing
  /// changes. `asked` is the stamp from before the request was sent: what has changed since is not in the
  /// answer.
  Result<mcp::Message> shown(const mcp::Message& request, mcp::Message answer, Stamp asked,
                             const auth::Occasion& occasion);

  /// The server's name for what the host called. May ask the server, if the host never listed the tools, in
  /// the manner of `request`.
  Result<std::string> real_name(const std::string& name, const mcp::Message& request,
                                const auth::Occasion& occasion);

  /// The server's tools have changed.
  void forget();

 private:
  using Names = std::shared_ptr<const mcp::ToolNames>;
  Names known() const;
  void keep(const Names& names, Stamp asked);
  Result<Names> load(const mcp::Message& request, const auth::Occasion& occasion);

  remote::Remote& remote_;
  remote::Receiver& other_;
  const Policy& policy_;
  const bool safe_names_;
  mutable std::mutex mutex_;
  Names names_;
  Stamp changes_ = 0;
  unsigned requests_ = 0;
};

}  // namespace clickflow::bridge
