#pragma once

#include <string>
#include <string_view>

#include "clickflow/base/secret.h"

namespace clickflow::auth {

/// What binds an authorization code to the program that asked for it (RFC 7636), made anew for every sign-in.
struct Pkce {
  Secret verifier;        ///< 32 random bytes, base64url: 43 characters
  std::string challenge;  ///< S256, the only method that is used

  static Pkce make();
};

/// RFC 7636, section 4.2.
std::string s256_challenge(std::string_view verifier);

/// What binds a callback to the sign-in that is under way (RFC 6749, section 10.12): 32 random bytes,
/// base64url.
std::string make_state();

}  // namespace clickflow::auth
