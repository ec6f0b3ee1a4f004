#pragma once

#include <string>

#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/oauth/ledger.h"
#include "clickflow/sandbox/oauth/result.h"

namespace clickflow::sandbox {

/// What a client asks a person for (OAuth 2.1, section 4.1.1).
struct AuthorizationRequest {
  OAuthClient client;
  std::string redirect_uri;
  std::string state;
  std::string code_challenge;
  std::string nonce;
  std::string resource;
  OAuthScopes scopes;
  bool asks_for_sign_in = false;  ///< prompt=login or select_account: even where somebody is signed in
  bool allows_no_page = false;    ///< prompt=none
};

/// The request, or the answer to it: a page where it is not known to whom the browser may safely go back, and
/// otherwise the way back to the client with an error.
tl::expected<AuthorizationRequest, Reply> read_authorization_request(const Request& request, Ledger& ledger,
                                                                     const std::string& issuer,
                                                                     const std::string& resource);

/// The way back to the client, with a code or an error, its state, and who answers (RFC 9207).
Reply answer_with_code(const AuthorizationRequest& request, const std::string& issuer,
                       const std::string& code);
Reply answer_with_error(const AuthorizationRequest& request, const std::string& issuer,
                        const std::string& error, const std::string& description);

}  // namespace clickflow::sandbox
