#include "clickflow/auth/pkce.h"

#include <catch2/catch_test_macros.hpp>

#include "clickflow/base/base64.h"
#include "clickflow/base/log.h"

using namespace clickflow;
using namespace clickflow::auth;

TEST_CASE("The challenge is the one of RFC 7636, appendix B") {
  CHECK(s256_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") ==
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST_CASE("A verifier is 32 bytes that are never the same, and fits its challenge") {
  const Pkce a = Pkce::make();
  const Pkce b = Pkce::make();
  CHECK(base64url_decode(a.verifier.expose())->size() == 32);
  CHECK(a.challenge == s256_challenge(a.verifier.expose()));
  CHECK_FALSE(a.verifier == b.verifier);
  CHECK(log::redact(a.verifier.expose()) == "[hidden]");
}

TEST_CASE("A state is 32 bytes that are never the same") {
  CHECK(base64url_decode(make_state())->size() == 32);
  CHECK(make_state() != make_state());
}
