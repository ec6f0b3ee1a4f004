#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace clickflow {

/// Four numbers of 0 to 255 without leading zeros: what a resolver takes for an address, and never for a
/// name.
std::optional<uint32_t> parse_ipv4(std::string_view text);

}  // namespace clickflow
