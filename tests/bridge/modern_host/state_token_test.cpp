#include "../../../src/bridge/modern_host/state_token.h"

#include <catch2/catch_test_macros.hpp>

#include "clickflow/base/base64.h"
#include "clickflow/base/sha256.h"

using namespace clickflow;
using bridge::modern_host::StateToken;
using bridge::modern_host::StateTokens;
using namespace std::chrono_literals;

namespace {

const TimePoint now{1'800'000'000s};
const std::string digest = sha256("this request");

}  // namespace

TEST_CASE("A state opens as what was sealed") {
  const StateTokens tokens;
  const auto text = tokens.seal({0x1234567890, 7, now + 1500ms}, digest);
  const auto opened = tokens.open(text, digest, now);
  REQUIRE(opened);
  CHECK(opened->number == 0x1234567890);
  CHECK(opened->round == 7);
  CHECK(opened->expires == now + 1500ms);
  CHECK(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        std::string::npos);
}

TEST_CASE("A state with any bit changed, or any byte missing or added, is forged") {
  const StateTokens tokens;
  const auto text = tokens.seal({1, 1, now + 1s}, digest);
  const auto bytes = base64url_decode(text).value();
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      const auto opened = tokens.open(base64url_encode(changed), digest, now);
      REQUIRE(!opened);
      CHECK(opened.error() == StateTokens::Flaw::forged);
    }
    CHECK(tokens.open(base64url_encode(bytes.substr(0, at)), digest, now).error() ==
          StateTokens::Flaw::forged);
  }
  CHECK(tokens.open(base64url_encode(bytes + '\0'), digest, now).error() == StateTokens::Flaw::forged);
  CHECK(tokens.open(text + "=", digest, now).error() == StateTokens::Flaw::forged);
  CHECK(tokens.open("", digest, now).error() == StateTokens::Flaw::forged);
  CHECK(tokens.open("\"\xff", digest, now).error() == StateTokens::Flaw::forged);
}

TEST_CASE("A state of another process is forged") {
  const StateTokens ours, theirs;
  CHECK(ours.open(theirs.seal({1, 1, now + 1s}, digest), digest, now).error() == StateTokens::Flaw::forged);
}

TEST_CASE("A state is good for its request only, and until its time") {
  const StateTokens tokens;
  const auto text = tokens.seal({1, 1, now + 1s}, digest);
  CHECK(tokens.open(text, sha256("another request"), now).error() == StateTokens::Flaw::of_another_request);
  CHECK(tokens.open(text, digest, now + 999ms));
  CHECK(tokens.open(text, digest, now + 1s).error() == StateTokens::Flaw::expired);
}
