#pragma once

#include <charconv>
#include <string_view>

namespace clickflow::sandbox {

/// True where the whole text is a number that is not negative.
template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() && !text.starts_with('-');
}

}  // namespace clickflow::sandbox
