#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clickflow {

/// RFC 4648, section 4, padded.
std::string base64_encode(std::string_view bytes);

/// RFC 4648, section 5, with the alphabet for URLs and without padding: how OAuth writes bytes.
std::string base64url_encode(std::string_view bytes);

/// The bytes of an unpadded base64url text, or nothing if it is none.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace clickflow
