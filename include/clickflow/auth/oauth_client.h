#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/base/clock.h"
#include "clickflow/base/error.h"
#include "clickflow/base/secret.h"

namespace clickflow::auth {

/// How a client shows at the token endpoint that it is itself (RFC 6749, section 2.3).
enum class ClientAuthentication { none, client_secret_basic, client_secret_post };

/// As `token_endpoint_auth_method` names them (RFC 7591, section 2); nothing for a way that we don't know.
const char* to_string(ClientAuthentication authentication);
std::optional<ClientAuthentication> parse_client_authentication(std::string_view name);

/// Who this program is to one authorization server. Never used with another (MCP, "Authorization Server
/// Binding").
struct OAuthClient {
  enum class Origin { pre_registered, metadata_document, dynamic };

  Origin origin = Origin::dynamic;
  std::string issuer;
  std::string client_id;
  Secret secret;  ///< empty for a public client
  ClientAuthentication authentication = ClientAuthentication::none;
  std::optional<TimePoint> secret_expires_at;
  // What was registered (dynamic only): anything more needs a new registration.
  std::string scope;
  std::vector<std::string> redirect_uris;
  bool device_grant = false;
};

/// As text for the keychain, and back: `keychain_damaged` for what is none.
Secret serialize(const OAuthClient& client);
Result<OAuthClient> parse_client(const Secret& text);

}  // namespace clickflow::auth
