#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace clickflow::sandbox {

/// `length` letters and digits from the system's secure generator: 5.95 bits each.
std::string random_text(size_t length);

/// SHA-256 in lower-case hexadecimal digits.
std::string sha256(std::string_view text);

}  // namespace clickflow::sandbox
