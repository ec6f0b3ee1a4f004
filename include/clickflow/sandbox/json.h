#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace clickflow::sandbox {

/// In the order in which it was written, as the document shows its answers.
using Json = nlohmann::ordered_json;

/// Compact. Bytes that are no UTF-8 become U+FFFD.
std::string to_text(const Json& json);

/// The member of this name; null where there is none, or `json` is no object.
Json member(const Json& json, const char* name);

/// `{"name": "value"}` with the space after the colon that the document's error bodies have.
std::string one_field(std::string_view name, std::string_view value);

}  // namespace clickflow::sandbox
