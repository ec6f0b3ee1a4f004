#pragma once

#include <memory>

#include "clickflow/bridge/crossing.h"
#include "clickflow/cli/credentials.h"
#include "clickflow/cli/options.h"
#include "clickflow/remote/authorized_client.h"
#include "clickflow/remote/session_http.h"
#include "clickflow/remote/stateless_http.h"

namespace clickflow::cli {

/// Everything between us and the remote, put together as the settings want it. Every command uses this same
/// path.
class Connection {
 public:
  /// `settings` outlives this object. `may_prompt`: a person is at this program, so a keychain may ask them
  /// something.
  explicit Connection(const Settings& settings, bool may_prompt = false);

  http::Client& plain_http() { return *client_; }
  Credentials& credentials() { return credentials_; }
  /// Whoever sends to it may speak either era.
  bridge::Crossing& remote() { return crossing_; }

 private:
  remote::StreamableHttpSettings remote_settings(const Settings& settings) const;

  std::unique_ptr<http::Client> client_;
  Credentials credentials_;
  remote::AuthorizedClient authorized_;
  const std::shared_ptr<remote::LastSwitch> last_switch_;
  remote::SessionHttp legacy_;
  remote::StatelessHttp modern_;
  bridge::Crossing crossing_;
};

}  // namespace clickflow::cli
