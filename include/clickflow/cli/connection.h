#pragma once

#include <memory>

#include "clickflow/auth/token_source.h"
#include "clickflow/cli/options.h"
#include "clickflow/remote/authorized_client.h"
#include "clickflow/remote/streamable_http.h"

namespace clickflow::cli {

/// Everything between us and the remote, put together as the settings want it. Every command uses this same
/// path.
class Connection {
 public:
  explicit Connection(const Settings& settings);

  remote::AuthorizedClient& http() { return authorized_; }
  remote::Remote& remote() { return remote_; }

 private:
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<auth::TokenSource> tokens_;
  remote::AuthorizedClient authorized_;
  remote::StreamableHttp remote_;
};

}  // namespace clickflow::cli
