#pragma once

#include <string>
#include <string_view>

namespace clickflow::bridge::modern_host {

/// One text for all spellings of a valid JSON value: members in the order of their names, no white space,
/// one form of each string and number. No white space stands around `value`.
std::string canonical_json(std::string_view value);

}  // namespace clickflow::bridge::modern_host
