#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/json.h"

/// Header fields that repeat what the body says (2026-07-28, Streamable HTTP, "Value Encoding").
namespace clickflow::sandbox {

/// What such a field says: its characters, or what `=?base64?…?=` stands for. Nothing where it has characters
/// that no field may have, or is no base64.
std::optional<std::string> decode_header_value(std::string_view value);

/// What is wrong with the `Mcp-Param-*` fields of a call, as a sentence, or nothing: for each argument that
/// the tool's schema marks with `x-mcp-header` the field and the argument must agree, or both be missing.
/// Knows arguments at the top of the schema, of the types string and boolean, which is what the tools have.
std::optional<std::string> parameter_mismatch(const Request& request, const Json& schema,
                                              const Json& arguments);

/// The sentence for a field that does not say what the body says. `said` is the field as it came.
std::string header_mismatch(std::string_view name, std::string_view said, std::string_view meant);
std::string header_missing(std::string_view name);

}  // namespace clickflow::sandbox
