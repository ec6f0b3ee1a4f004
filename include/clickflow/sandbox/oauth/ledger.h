#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/base/error.h"
#include "clickflow/sandbox/oauth/scopes.h"
#include "clickflow/sandbox/time.h"

namespace clickflow::sandbox {

/// A program that has registered (RFC 7591).
struct OAuthClient {
  std::string id;
  std::string name;            ///< as it calls itself: anything
  std::string authentication;  ///< at the token endpoint: none, client_secret_basic or client_secret_post
  std::string secret_sha256;   ///< empty where there is no secret
  std::vector<std::string> redirect_uris;
  std::vector<std::string> grant_types;
  OAuthScopes scopes;  ///< it may ask for these and no others
  Time registered;

  bool may_use(std::string_view grant_type) const;
};

struct IssuedAccessToken {
  std::string jti;
  Time expires;
};

/// What a person has allowed a client, and everything that was issued on its strength: the family that ends
/// as a whole.
struct OAuthGrant {
  std::string id;  ///< grant_…; the claim `sid` of its tokens
  std::string client;
  std::string person;
  std::string organization;
  std::string resource;
  OAuthScopes scopes;
  Time began;
  std::string refresh_sha256;      ///< of the refresh token that is good; empty where there is none
  std::vector<std::string> spent;  ///< SHA-256 of those before it, the newest last; 100 at most
  Time rotated;                    ///< when the newest of them was spent
  std::vector<IssuedAccessToken> access;
};

/// All that is known. A grant that has ended is not in it.
struct LedgerBook {
  std::vector<OAuthClient> clients;
  std::vector<OAuthGrant> grants;

  const OAuthClient* find_client(std::string_view id) const;
  const OAuthGrant* find_grant(std::string_view id) const;
  void end_grant(std::string_view id);
};

/// The clients and the grants, in a JSON file with mode 0600, in which secrets and refresh tokens are hashes.
/// As with the API keys, several processes may use it at a time. Any thread may call anything.
class Ledger {
 public:
  Ledger(std::filesystem::path file, Clock clock);
  ~Ledger();

  /// Both fail with `invalid_input` where the file is damaged, and `system` where it can't be read; change()
  /// also where it can't be written, and with `timed_out` where another process holds its lock for 2 s.
  Result<void> read(const std::function<void(const LedgerBook&)>& look);
  /// Writes the book after `change`, unless that returns false.
  Result<void> change(const std::function<bool(LedgerBook&)>& change);

 private:
  Result<void> reload();
  void prune();

  const std::unique_ptr<class SharedJsonFile> file_;
  const Clock clock_;
  std::mutex mutex_;
  LedgerBook book_;
};

}  // namespace clickflow::sandbox
