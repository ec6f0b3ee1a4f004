#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "clickflow/base/clock.h"

namespace clickflow::bridge::modern_host {

/// What a `requestState` says to us (2026-07-28, "Multi Round-Trip Requests", Server Requirements).
struct StateToken {
  uint64_t number = 0;  ///< of the request that it goes on with
  uint32_t round = 0;   ///< how many have asked before
  TimePoint expires;    ///< to the millisecond
};

/// Seals and opens them under a key that lives and ends with this object: nobody can make or change one.
class StateTokens {
 public:
  StateTokens();

  /// `digest` (32 bytes) is the request's. base64url.
  std::string seal(const StateToken& token, std::string_view digest) const;

  enum class Flaw { forged, expired, of_another_request };
  /// `token` is whatever a host sends.
  tl::expected<StateToken, Flaw> open(std::string_view token, std::string_view digest, TimePoint now) const;

 private:
  std::string mac(std::string_view bytes) const;

  const std::string key_;
};

}  // namespace clickflow::bridge::modern_host
