#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clickflow/sandbox/time.h"

namespace clickflow::sandbox {

/// `requestState`: how a request that comes back with answers shows that it was asked for them (2026-07-28,
/// "Multi Round-Trip Requests"). It is signed (HMAC-SHA256) with a key that this object has made, and is good
/// for 5 minutes, for one caller and one request. It may be shown more than once; what must not happen twice
/// is the tool's to prevent. Any thread may call anything.
class RequestStates {
 public:
  explicit RequestStates(Clock clock);

  /// `request` is the same text for the same request, and another for any other.
  std::string make(std::string_view caller, std::string_view request) const;

  /// Why a state is refused, as a sentence, or nothing.
  std::optional<std::string> problem_with(std::string_view state, std::string_view caller,
                                          std::string_view request) const;

 private:
  std::string signature(std::string_view caller, std::string_view request, std::string_view expiry) const;

  const Clock clock_;
  const std::string key_;
};

}  // namespace clickflow::sandbox
