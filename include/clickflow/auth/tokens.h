#pragma once

#include <optional>
#include <string>

#include "clickflow/auth/oauth_client.h"
#include "clickflow/auth/token_endpoint.h"
#include "clickflow/base/clock.h"
#include "clickflow/base/secret.h"

namespace clickflow::auth {

/// A sign-in as it is stored: the tokens, and everything that they are bound to.
struct Tokens {
  std::string issuer;
  std::string resource;  ///< as the resource spells it
  OAuthClient client;    ///< to whom they were given, and who alone can refresh them
  Secret access_token;
  std::optional<Secret> refresh_token;
  TimePoint obtained_at;
  std::optional<TimePoint> expires_at;
  std::string requested_scope;
  std::string granted_scope;
  std::string account;  ///< who signed in, for people to read; may be empty

  /// Expired, or so soon to be that it should be renewed first: a minute before, or a quarter of a life of
  /// less than four minutes.
  bool due(TimePoint now) const;
  bool expired(TimePoint now) const { return expires_at && *expires_at <= now; }

  /// After a refresh.
  Tokens renewed(TokenResponse response) const;
};

/// The first tokens of a sign-in.
Tokens make_tokens(TokenResponse response, const OAuthClient& client, const std::string& resource,
                   const std::string& requested_scope);

/// As text for the keychain, and back: `keychain_damaged` for what is none.
Secret serialize(const Tokens& tokens);
Result<Tokens> parse_tokens(const Secret& text);

}  // namespace clickflow::auth
