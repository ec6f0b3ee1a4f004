#pragma once

#include <string>
#include <string_view>

namespace clickflow {

/// The 32 bytes of the digest.
std::string sha256(std::string_view bytes);

/// The digest in lower-case hexadecimal, 64 characters.
std::string sha256_hex(std::string_view bytes);

}  // namespace clickflow
