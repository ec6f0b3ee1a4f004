#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/auth/metadata.h"
#include "clickflow/base/cancellation.h"
#include "clickflow/http/client.h"
#include "clickflow/http/www_authenticate.h"

/// Where to sign in, found out from a refusal (MCP 2026-07-28, "Authorization Server Discovery"; RFC 9728,
/// section 3; RFC 8414, section 3; for servers without any of it MCP 2025-03-26). Every request is a GET
/// without a credential, limited to 50 s and 1 MiB; redirects are not followed. The first server that can't
/// be reached ends the search. Any thread.
namespace clickflow::auth {

struct Discovery {
  std::string resource;  ///< to be sent as it is spelled here
  std::optional<std::vector<std::string>> resource_scopes;
  AuthorizationServer server;
};

/// `challenge` is the Bearer challenge of the refusal, where there was one. Of several authorization servers
/// `preferred` is taken if it is among them, else the first that is fit for use. Fails with `protocol` where
/// the documents are not acceptable, and with the client's errors, or `rejected`, where a server could not be
/// asked just now.
Result<Discovery> discover(http::Client& http, const Url& endpoint,
                           const std::optional<http::Challenge>& challenge, std::string_view preferred,
                           const Cancellation& cancellation);

/// What the authorization server says of itself, for an issuer that is known already. Fails as discover()
/// does.
Result<AuthorizationServer> discover_issuer(http::Client& http, const Url& endpoint,
                                            const std::string& issuer, const Cancellation& cancellation);

}  // namespace clickflow::auth
