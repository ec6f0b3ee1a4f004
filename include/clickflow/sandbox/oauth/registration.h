#pragma once

#include "clickflow/sandbox/json.h"
#include "clickflow/sandbox/oauth/ledger.h"
#include "clickflow/sandbox/oauth/result.h"

namespace clickflow::sandbox {

struct Registration {
  OAuthClient client;
  std::string secret;  ///< empty for a public client. This is the only place where it is ever seen.
};

/// The client that `metadata` (RFC 7591, section 2) describes, with an id of its own; nothing is kept. As
/// with Clerk, leaving out `token_endpoint_auth_method` makes it confidential, and leaving out `scope` gives
/// the default scopes. `invalid_redirect_uri` or `invalid_client_metadata` for what can't be registered.
OAuthResult<Registration> register_client(const Json& metadata, Time now);

/// The answer to the client (section 3.2.1).
Json to_json(const Registration& registration);

}  // namespace clickflow::sandbox
