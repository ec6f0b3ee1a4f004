#pragma once

#include <chrono>

namespace clickflow::sandbox {

struct OAuthSettings {
  std::chrono::seconds token_lifetime{24 * 3600};  ///< of access tokens
  /// For so long after its use a refresh token may be used once more. Without it a second use is theft, and
  /// ends the sign-in.
  std::chrono::seconds refresh_grace{0};
  bool registration = true;  ///< whether clients may register themselves (RFC 7591)
};

}  // namespace clickflow::sandbox
