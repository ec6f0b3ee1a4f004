#include "clickflow/auth/token_endpoint.h"

#include "token_request.h"

namespace clickflow::auth {

TokenResult<TokenResponse> TokenEndpoint::exchange(const Code& code, const Cancellation& cancellation) const {
  Form form{{"grant_type", "authorization_code"},
            {"code", std::string(code.code.expose())},
            {"code_verifier", std::string(code.verifier.expose())},
            {"redirect_uri", code.redirect_uri},
            {"resource", code.resource}};
  auto response = post_form(http_, server_.token_endpoint, client_, std::move(form), cancellation);
  if (!response) return tl::make_unexpected(response.error());
  return read_tokens(*std::move(response), client_, code.scope, clock_.now());
}

TokenResult<TokenResponse> TokenEndpoint::refresh(const Secret& refresh_token, const std::string& resource,
                                                  const std::string& scope,
                                                  const Cancellation& cancellation) const {
  Form form{{"grant_type", "refresh_token"},
            {"refresh_token", std::string(refresh_token.expose())},
            {"resource", resource}};
  auto response = post_form(http_, server_.token_endpoint, client_, std::move(form), cancellation);
  if (!response) return tl::make_unexpected(response.error());
  auto tokens = read_tokens(*std::move(response), client_, scope, clock_.now());
  if (tokens && !tokens->refresh_token) tokens->refresh_token = refresh_token;
  return tokens;
}

TokenResult<void> TokenEndpoint::revoke(const Secret& token, TokenKind kind,
                                        const Cancellation& cancellation) const {
  if (!server_.revocation_endpoint) {
    return tl::make_unexpected(TokenFailure{
        TokenFailure::Kind::refused,
        {ErrorCode::rejected, "The sign-in server " + server_.issuer + " can't revoke a sign-in.",
         "It ends by itself when its tokens expire."}});
  }
  Form form{{"token", std::string(token.expose())},
            {"token_type_hint", kind == TokenKind::access_token ? "access_token" : "refresh_token"}};
  auto response = post_form(http_, *server_.revocation_endpoint, client_, std::move(form), cancellation);
  if (!response) return tl::make_unexpected(response.error());
  return {};
}

}  // namespace clickflow::auth
