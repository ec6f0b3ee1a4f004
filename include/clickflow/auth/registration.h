#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clickflow/auth/metadata.h"
#include "clickflow/auth/oauth_client.h"
#include "clickflow/auth/scope_set.h"
#include "clickflow/base/cancellation.h"
#include "clickflow/http/client.h"

namespace clickflow::auth {

/// Any port is good at this address (RFC 8252, section 7.3).
constexpr const char* loopback_redirect_uri = "http://127.0.0.1/callback";

/// Who we say we are, as far as the person decided it.
struct ClientSettings {
  std::optional<std::string> client_id;  ///< registered by hand
  Secret client_secret;                  ///< may be empty
  /// https with a path: where a document describes this program (OAuth Client ID Metadata Document).
  std::optional<std::string> metadata_url;
  std::string client_name = "ClickFlow MCP bridge";
  std::vector<std::string> redirect_uris = {loopback_redirect_uri};
  bool device_grant = false;  ///< the sign-in will go by RFC 8628
};

/// `invalid_input` unless it is a URL that can be a client's id.
Result<void> check_metadata_url(const std::string& url);

/// The client to use at `server`, in the specification's order: the one registered by hand, the metadata
/// document where the server supports it, the one `kept` from an earlier registration if it will do, or a new
/// one by dynamic registration (RFC 7591), made with exactly the scopes that will be asked for. The caller
/// keeps it. Fails with `rejected` where the server refuses, and with the client's errors.
Result<OAuthClient> obtain_client(http::Client& http, const ClientSettings& settings,
                                  const AuthorizationServer& server, const ScopeSet& scope,
                                  const std::optional<OAuthClient>& kept, TimePoint now,
                                  const Cancellation& cancellation);

}  // namespace clickflow::auth
