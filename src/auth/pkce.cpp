#include "clickflow/auth/pkce.h"

#include "clickflow/base/base64.h"
#include "clickflow/base/random.h"
#include "clickflow/base/sha256.h"

namespace clickflow::auth {
namespace {

constexpr size_t random_size = 32;

}  // namespace

std::string s256_challenge(std::string_view verifier) {
  return base64url_encode(sha256(verifier));
}

Pkce Pkce::make() {
  Secret verifier(base64url_encode(random_bytes(random_size)));
  std::string challenge = s256_challenge(verifier.expose());
  return {std::move(verifier), std::move(challenge)};
}

std::string make_state() {
  return base64url_encode(random_bytes(random_size));
}

}  // namespace clickflow::auth
