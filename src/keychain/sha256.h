#pragma once

#include <string>
#include <string_view>

namespace clickflow::keychain {

/// In lower-case hexadecimal, 64 characters.
std::string sha256_hex(std::string_view bytes);

}  // namespace clickflow::keychain
