#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/auth/url_policy.h"
#include "clickflow/base/error.h"
#include "clickflow/base/url.h"

/// The documents in which servers describe themselves. Unknown members, and members of the wrong type that
/// are not needed, are passed over.
namespace clickflow::auth {

/// RFC 9728.
struct ProtectedResource {
  std::string resource;  ///< as the document spells it, which is how it has to be sent (RFC 8707)
  std::vector<std::string> authorization_servers;  ///< at least one
  std::optional<std::vector<std::string>> scopes_supported;
};

/// `protocol` where it can't be read, names no authorization server, or its `resource` does not cover the
/// endpoint.
Result<ProtectedResource> parse_protected_resource(std::string_view json, const Url& endpoint);

/// True if `resource` is the endpoint, or the same origin with a path that the endpoint's begins with,
/// segment by segment.
bool covers(std::string_view resource, const Url& endpoint);

/// RFC 8414, or OpenID Connect Discovery 1.0. Every URL has passed the policy.
struct AuthorizationServer {
  std::string issuer;
  Url authorization_endpoint;
  Url token_endpoint;
  std::optional<Url> registration_endpoint;
  std::optional<Url> revocation_endpoint;
  std::optional<Url> device_authorization_endpoint;
  std::vector<std::string> scopes_supported;
  /// As the server lists them; nothing where it doesn't, which RFC 8414 reads as client_secret_basic.
  std::optional<std::vector<std::string>> token_endpoint_auth_methods;
  bool client_id_metadata_document_supported = false;
  bool iss_parameter_supported = false;  ///< RFC 9207
};

/// `protocol` where it can't be read, `issuer` is not, character for character, one of those `expected`, PKCE
/// with S256 is not listed, or a URL in it is refused.
Result<AuthorizationServer> parse_authorization_server(std::string_view json,
                                                       const std::vector<std::string>& expected,
                                                       const UrlPolicy& policy);

/// What a server of 2025-03-26 without metadata is taken to offer: /authorize, /token and /register at the
/// root of its origin, which is its issuer too.
AuthorizationServer documented_defaults(const Url& endpoint);

}  // namespace clickflow::auth
