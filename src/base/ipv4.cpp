#include "clickflow/base/ipv4.h"

#include <charconv>

namespace clickflow {

std::optional<uint32_t> parse_ipv4(std::string_view text) {
  uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    unsigned value = 256;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto length = static_cast<size_t>(end - text.data());
    if (failure != std::errc() || value > 255 || (length > 1 && text[0] == '0')) return std::nullopt;
    text.remove_prefix(length);
    address = address << 8 | value;
  }
  return text.empty() ? std::optional(address) : std::nullopt;
}

}  // namespace clickflow
