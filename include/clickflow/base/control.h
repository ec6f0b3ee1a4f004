#pragma once

#include <cstddef>
#include <string_view>

namespace clickflow {

/// How many bytes of UTF-8 the control character takes that begins at `at`; 0 where none does. U+0080 to
/// U+009F are two bytes, and terminals obey them as well.
inline size_t control_size(std::string_view text, size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  if (c < 0x20 || c == 0x7f) return 1;
  return c == 0xC2 && at + 1 < text.size() && (text[at + 1] & 0xE0) == 0x80 ? 2 : 0;
}

}  // namespace clickflow
