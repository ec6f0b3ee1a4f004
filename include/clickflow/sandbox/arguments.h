#pragma once

#include <optional>
#include <string>

#include "clickflow/sandbox/json.h"

namespace clickflow::sandbox {

/// What is wrong with a tool's arguments, as a sentence that an assistant can act on, or nothing. Knows as
/// much of JSON Schema as the tools' schemas use: `required`, `additionalProperties: false`, and for a
/// property `type` (string or boolean), `enum`, `minLength` and `format: date`.
std::optional<std::string> problem_with(const Json& arguments, const Json& schema);

}  // namespace clickflow::sandbox
