#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "request_headers.h"

namespace clickflow::remote {

/// The parameters that an `inputSchema` (JSON) wants to see in headers by `x-mcp-header` (2026-07-28,
/// "Streamable HTTP", "Schema Extension"), or why its annotations can't be followed, in words.
tl::expected<std::vector<ParameterHeader>, std::string> annotated_parameters(std::string_view input_schema);

}  // namespace clickflow::remote
