#pragma once

#include "clickflow/auth/token_endpoint.h"
#include "clickflow/base/form.h"

/// What the grants have in common.
namespace clickflow::auth {

/// POSTs a form to one of the server's endpoints, as the client that we are there. Any answer but 200 is a
/// failure.
TokenResult<http::Response> post_form(http::Client& http, const Url& url, const OAuthClient& client,
                                      Form form, const Cancellation& cancellation);

/// Reads a token response that came at `now`. `asked_scope` is what it grants where it doesn't say.
TokenResult<TokenResponse> read_tokens(http::Response response, const OAuthClient& client,
                                       const std::string& asked_scope, TimePoint now);

}  // namespace clickflow::auth
