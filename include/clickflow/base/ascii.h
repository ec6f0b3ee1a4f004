#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace clickflow {

/// In lower case, for what protocols compare without case: letters of ASCII, whatever the locale.
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

inline std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return lower(c); });
  return result;
}

}  // namespace clickflow
