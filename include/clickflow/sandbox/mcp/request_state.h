#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "clickflow/sandbox/time.h"

namespace clickflow::sandbox {

/// `requestState`: what the sandbox lets a client keep for it between a question and its answer (2026-07-28,
/// "Multi Round-Trip Requests"). The client can read it and can't change it: it is signed (HMAC-SHA256) with
/// a key that this object has made, and is good for 5 minutes, for one caller and one request. It may be
/// shown more than once; what must not happen twice is the tool's to prevent. Any thread may call anything.
class RequestStates {
 public:
  explicit RequestStates(Clock clock);

  /// `request` is the same text for the same request, and another for any other.
  std::string seal(std::string_view caller, std::string_view request, std::string_view content) const;

  /// The content, or a sentence that says why it is refused.
  tl::expected<std::string, std::string> open(std::string_view caller, std::string_view request,
                                              std::string_view state) const;

 private:
  std::string signature(std::string_view caller, std::string_view request, std::string_view payload) const;

  const Clock clock_;
  const std::string key_;
};

}  // namespace clickflow::sandbox
