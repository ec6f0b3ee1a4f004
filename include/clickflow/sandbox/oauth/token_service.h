#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/sandbox/account.h"
#include "clickflow/sandbox/oauth/ledger.h"
#include "clickflow/sandbox/oauth/result.h"
#include "clickflow/sandbox/oauth/settings.h"
#include "clickflow/sandbox/oauth/signing_key.h"

namespace clickflow::sandbox {

/// What a person allows a client.
struct Consent {
  const Person* person = nullptr;
  std::string organization;  ///< one of the person's
  std::string resource;
  OAuthScopes scopes;
  std::string nonce;  ///< for the id token; empty where none was sent
};

struct IssuedTokens {
  std::string grant;    ///< its id
  std::string access;   ///< a JWT
  std::string refresh;  ///< cf_rt_…; empty without `offline_access`, or where the client can't use it
  std::string id;       ///< a JWT; empty without `openid`
  std::chrono::seconds expires_in{0};
  OAuthScopes scopes;  ///< of the access token
};

/// Who an access token stands for.
struct SignedIn {
  std::string grant;
  const Person* person = nullptr;
  std::string organization;
  OAuthScopes scopes;
};

/// What the scopes let a client know of a person, as claims of OpenID Connect (Core, section 5.4).
void add_profile(Json& claims, const Person& person, const OAuthScopes& scopes);

/// Issues, renews, checks and ends tokens. Any thread may call anything.
class TokenService {
 public:
  /// `issuer` and `resource` go into the tokens, and are what verify() wants to see in them.
  TokenService(std::string issuer, std::string resource, Ledger& ledger, SigningKey& key, Clock clock,
               const OAuthSettings& settings);

  OAuthResult<IssuedTokens> begin(const OAuthClient& client, const Consent& consent);

  /// Spends the refresh token for new tokens (OAuth 2.1, section 4.3). One that has been spent already is in
  /// two hands: all tokens of its grant end, and this is `invalid_grant`, as it is for any unknown one.
  /// `scopes` may be fewer than what was granted.
  OAuthResult<IssuedTokens> refresh(const OAuthClient& client, std::string_view refresh_token,
                                    const std::string& resource, const std::optional<OAuthScopes>& scopes);

  /// For a token that is ours, is meant for our resource, and has neither expired nor been revoked.
  std::optional<SignedIn> verify(std::string_view access_token);

  /// RFC 7009: a refresh token ends with its grant, an access token alone. A token that is unknown or another
  /// client's is no failure, and nothing happens.
  OAuthResult<void> revoke(const OAuthClient& client, std::string_view token);

  /// How often a spent refresh token came again.
  uint64_t reuses() const { return reuses_; }

 private:
  IssuedTokens issue(OAuthGrant& grant, const OAuthScopes& scopes, bool with_refresh);
  std::string id_token(const OAuthGrant& grant, const std::string& nonce);

  const std::string issuer_;
  const std::string resource_;
  Ledger& ledger_;
  SigningKey& key_;
  const Clock clock_;
  const OAuthSettings settings_;
  std::atomic<uint64_t> reuses_{0};
};

}  // namespace clickflow::sandbox
