#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "clickflow/auth/metadata.h"
#include "clickflow/auth/oauth_client.h"
#include "clickflow/base/cancellation.h"
#include "clickflow/base/clock.h"
#include "clickflow/base/error.h"
#include "clickflow/base/secret.h"
#include "clickflow/http/client.h"

namespace clickflow::auth {

/// A successful answer of the token endpoint (RFC 6749, section 5.1).
struct TokenResponse {
  Secret access_token;
  std::optional<Secret> refresh_token;
  TimePoint obtained_at;
  std::optional<TimePoint> expires_at;  ///< nothing where the server doesn't say
  std::string scope;                    ///< granted; what was asked for where the server doesn't say
  std::string account;                  ///< who signed in, as an id token says; may be empty
};

/// Why there are no tokens, and so what may be done about it.
struct TokenFailure {
  enum class Kind {
    invalid_grant,   ///< The code or refresh token is dead: the person has to sign in again.
    invalid_client,  ///< The server doesn't know the client (any more).
    transient,       ///< Network, 5xx, 429: later the same request may succeed. No reason to sign in again.
    refused,         ///< Anything else.
  };
  Kind kind;
  Error error;
  std::optional<std::chrono::seconds> retry_after = {};
  std::string code = {};  ///< the server's `error`, where it is one by RFC 6749's grammar; safe to show
};

template <class T>
using TokenResult = tl::expected<T, TokenFailure>;

/// One client's dealings with one authorization server's token and revocation endpoints. Each call sends one
/// request, takes 50 s at most, and follows no redirect. Bodies are never logged. Any thread.
class TokenEndpoint {
 public:
  /// Keeps references: all four must outlive it.
  TokenEndpoint(http::Client& http, const AuthorizationServer& server, const OAuthClient& client,
                const Clock& clock)
      : http_(http), server_(server), client_(client), clock_(clock) {}

  struct Code {
    Secret code;
    Secret verifier;           ///< RFC 7636
    std::string redirect_uri;  ///< byte for byte as in the authorization request
    std::string resource;      ///< RFC 8707
    std::string scope;         ///< as it was asked for
  };
  TokenResult<TokenResponse> exchange(const Code& code, const Cancellation& cancellation) const;

  /// RFC 6749, section 6. The answer has a refresh token in any case: the old one where the server gave no
  /// new one. `scope` is what was granted so far; it is not sent.
  TokenResult<TokenResponse> refresh(const Secret& refresh_token, const std::string& resource,
                                     const std::string& scope, const Cancellation& cancellation) const;

  enum class TokenKind { access_token, refresh_token };
  /// RFC 7009. `refused` where the server has no place for it.
  TokenResult<void> revoke(const Secret& token, TokenKind kind, const Cancellation& cancellation) const;

 private:
  http::Client& http_;
  const AuthorizationServer& server_;
  const OAuthClient& client_;
  const Clock& clock_;
};

}  // namespace clickflow::auth
