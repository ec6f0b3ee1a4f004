#include "clickflow/auth/sign_out.h"

#include "clickflow/auth/discovery.h"
#include "clickflow/auth/token_endpoint.h"

namespace clickflow::auth {
namespace {

using TokenKind = TokenEndpoint::TokenKind;

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

// Nothing of a sign-in can be found without the note of where it was made; the server says it again. The
// result is what was wrong with the note.
Result<std::optional<Error>> mend_binding(const Url& endpoint, http::Client& http, SessionStore& store,
                                          const Cancellation& cancellation) {
  const auto bound = store.binding();
  if (bound) return std::nullopt;
  const Error& damage = bound.error();
  if (damage.code != ErrorCode::keychain_damaged) return tl::make_unexpected(damage);
  const auto discovery = discover(http, endpoint, {}, "", cancellation);
  if (!discovery) {
    return fail(
        ErrorCode::keychain_damaged,
        damage.what + " So it stays, until the server says where to look for it: " + discovery.error().what,
        "Try again when it can be asked.");
  }
  const auto lock = store.lock(cancellation);
  if (!lock) return tl::make_unexpected(lock.error());
  if (const auto noted = store.bind({discovery->server.issuer, discovery->resource, {}}); !noted)
    return tl::make_unexpected(noted.error());
  return damage;
}

}  // namespace

Result<SignOutReport> sign_out(const Url& endpoint, http::Client& http, SessionStore& store,
                               const Clock& clock, const Cancellation& cancellation) {
  const auto damage = mend_binding(endpoint, http, store, cancellation);
  if (!damage) return tl::make_unexpected(damage.error());
  SignOutReport report;
  std::optional<Tokens> tokens;
  {
    const auto lock = store.lock(cancellation);
    if (!lock) return tl::make_unexpected(lock.error());
    auto loaded = store.load();
    if (!loaded && loaded.error().code != ErrorCode::keychain_damaged)
      return tl::make_unexpected(loaded.error());
    report.was_signed_in = !loaded || *loaded || *damage;
    report.not_revoked = loaded ? *damage : loaded.error();
    if (loaded) tokens = *std::move(loaded);
    if (const auto forgotten = store.forget(); !forgotten) return tl::make_unexpected(forgotten.error());
  }
  // Nobody can renew them any more, so the others need not wait for the server.
  if (tokens) report.not_revoked = revoke(endpoint, http, *tokens, clock, cancellation);
  return report;
}

}  // namespace clickflow::auth
