#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "clickflow/bridge/introduction.h"
#include "clickflow/bridge/legacy_host_translator.h"
#include "clickflow/bridge/server_era.h"
#include "clickflow/mcp/revision.h"
#include "clickflow/remote/era_probe.h"
#include "clickflow/remote/last_switch.h"
#include "clickflow/remote/one_at_a_time.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// Leads each message to the remote by the way that fits how the host and the server speak. Where both speak
/// alike, the message passes as it is; else a translator stands between. Any thread.
class Crossing : public remote::Remote {
 public:
  struct Settings {
    /// The legacy session of a legacy host.
    remote::Remote& legacy;
    remote::Remote& modern;
    /// A legacy session for modern hosts.
    std::function<std::unique_ptr<remote::Remote>()> make_session;
    /// Asks the server how it speaks; the _meta (JSON) is of whoever is about to speak.
    std::function<Result<remote::RemoteEra>(const std::string& meta, const auth::Occasion&)> probe;
    /// The server's revision, where the person knows it: then it is not asked.
    std::string revision = {};
    /// What the remotes share, if anything.
    std::shared_ptr<remote::LastSwitch> last_switch = {};
  };

  /// What `settings` refers to outlives this object.
  explicit Crossing(Settings settings);
  ~Crossing() override;

  /// How the server spoke to an earlier process: for requests that may go out twice it need not be asked, as
  /// long as nothing speaks against it.
  void assume(mcp::Era era);
  /// How the server speaks, once it has shown that.
  std::optional<mcp::Era> server_era() const;

  /// The server's era is found out by the first request, and anew after an answer that it can't have given if
  /// what we believed of it were true. What a server of the other era has refused for certain, or may run
  /// twice, goes out again; other requests fail with `rejected`, and the next one finds the server as it is.
  Result<void> send(const mcp::Message& message, remote::Receiver& receiver,
                    const auth::Occasion& occasion) override;
  /// What a legacy host is told, whatever era the server comes to be of; a modern one asks for it in a
  /// request. Returns when cancelled only.
  void listen(remote::Receiver& receiver, const Cancellation& cancellation) override;
  void close(std::chrono::milliseconds limit) override;

 private:
  Result<void> send_request(const mcp::Message& request, remote::Receiver& receiver,
                            const auth::Occasion& occasion);
  /// With an era.
  Result<ServerEra::Belief> find_out(const mcp::Message& request, const auth::Occasion& occasion);
  Result<void> probe(const mcp::Message& request, const auth::Occasion& occasion);
  void learn(std::optional<mcp::Era> era);
  bool speaks_otherwise(mcp::Era before, const mcp::Message& request, const auth::Occasion& occasion);
  Result<void> subscribe(mcp::Era server, const mcp::Message& request, remote::Receiver& receiver,
                         const auth::Occasion& occasion);
  remote::Remote& way(mcp::Era host, mcp::Era server);
  mcp::Message in_fixed_revision(const mcp::Message& initialize) const;

  const Settings settings_;
  LegacyHostTranslator for_legacy_host_;
  const std::unique_ptr<remote::Remote> for_modern_host_;
  Introduction introduction_;
  ServerEra server_;
  remote::OneAtATime probing_, interactive_probing_;
};

}  // namespace clickflow::bridge
