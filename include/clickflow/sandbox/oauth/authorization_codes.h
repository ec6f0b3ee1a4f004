#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/sandbox/oauth/token_service.h"

namespace clickflow::sandbox {

/// What a person answered to an authorization request, until the client fetches its tokens.
struct AuthorizedCode {
  std::string client;
  std::string redirect_uri;
  std::string code_challenge;  ///< S256 (RFC 7636)
  Consent consent;
};

/// The authorization codes, in memory: a restart forgets those under way. A code is good for 10 minutes, and
/// once. At most 1000. Any thread may call anything.
class AuthorizationCodes {
 public:
  explicit AuthorizationCodes(Clock clock) : clock_(std::move(clock)) {}

  /// The code for it.
  std::string add(AuthorizedCode authorized);

  /// What came of an attempt to use a code.
  struct Use {
    std::optional<AuthorizedCode> authorized;  ///< nothing where the code is unknown, old or used
    std::string grant;  ///< where it was used before, of the tokens that it gave (RFC 6749, section 4.1.2)
  };
  Use use(std::string_view code);
  /// Notes which grant came of it.
  void used_for(std::string_view code, const std::string& grant);

 private:
  struct Entry {
    AuthorizedCode authorized;
    Time expires;
    bool used = false;
    std::string grant;
  };

  const Clock clock_;
  std::mutex mutex_;
  std::map<std::string, Entry> codes_;  // by SHA-256
};

/// BASE64URL(SHA256(verifier)) (RFC 7636, section 4.6).
std::string s256_challenge(std::string_view verifier);

/// 43 to 128 unreserved characters (section 4.1).
bool is_code_verifier(std::string_view text);

}  // namespace clickflow::sandbox
