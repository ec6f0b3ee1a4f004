#pragma once

#include <string>
#include <string_view>

#include "clickflow/base/json.h"

namespace clickflow::sandbox {

/// The member of this name; null where there is none, or `json` is no object.
Json member(const Json& json, const char* name);

/// `{"name": "value"}` with the space after the colon that the document's error bodies have.
std::string one_field(std::string_view name, std::string_view value);

}  // namespace clickflow::sandbox
