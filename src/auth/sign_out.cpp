#include "clickflow/auth/sign_out.h"

#include "clickflow/auth/discovery.h"
#include "clickflow/auth/token_endpoint.h"

namespace clickflow::auth {
namespace {

using TokenKind = TokenEndpoint::TokenKind;

// Longer than any other holder takes.
constexpr auto lock_limit = std::chrono::seconds(90);

std::optional<Error> revoke(const Url& endpoint, http::Client& http, const Tokens& tokens, const Clock& clock,
                            const Cancellation& cancellation) {
  const auto server = discover_issuer(http, endpoint, tokens.issuer, cancellation);
  if (!server) return server.error();
  const TokenEndpoint at(http, *server, tokens.client, clock);
  // With it go the access tokens, if the server follows RFC 7009, section 2.1; the second request is for the
  // others.
  if (tokens.refresh_token) {
    if (const auto done = at.revoke(*tokens.refresh_token, TokenKind::refresh_token, cancellation); !done)
      return done.error().error;
  }
  if (const auto done = at.revoke(tokens.access_token, TokenKind::access_token, cancellation); !done) {
    // A server may know no access tokens that it could revoke.
    if (!tokens.refresh_token || done.error().code != "unsupported_token_type") return done.error().error;
  }
  return std::nullopt;
}

}  // namespace

Result<SignOutReport> sign_out(const Url& endpoint, http::Client& http, SessionStore& store,
                               const Clock& clock, const Cancellation& cancellation) {
  const auto lock = store.lock(lock_limit, cancellation);
  if (!lock) return tl::make_unexpected(lock.error());
  const auto tokens = store.load();
  if (!tokens && tokens.error().code != ErrorCode::keychain_damaged)
    return tl::make_unexpected(tokens.error());
  SignOutReport report;
  if (!tokens) {
    report.was_signed_in = true;
    report.not_revoked = tokens.error();
  } else if (*tokens) {
    report.was_signed_in = true;
    report.not_revoked = revoke(endpoint, http, **tokens, clock, cancellation);
  }
  if (const auto forgotten = store.forget(); !forgotten) return tl::make_unexpected(forgotten.error());
  return report;
}

}  // namespace clickflow::auth
