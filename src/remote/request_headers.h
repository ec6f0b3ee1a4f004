#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clickflow/http/headers.h"
#include "clickflow/mcp/message.h"

/// The headers that mirror a request's body (2026-07-28, "Streamable HTTP", "Request Metadata").
namespace clickflow::remote {

/// A parameter that a tool wants to see in a header.
struct ParameterHeader {
  std::string name;               ///< what stands behind "Mcp-Param-"
  std::vector<std::string> path;  ///< the members that lead to it in the call's arguments
};

/// `value` as a header can hold it: as it is, or in Base64 between marks ("Value Encoding").
std::string header_text(std::string_view value);

/// Sets on `headers` what a server must find there beside `request`, whose method and revision a header can
/// hold. The revision is the one that its `_meta` names.
void mirror(const mcp::Message& request, const std::vector<ParameterHeader>& parameters,
            http::Headers& headers);

}  // namespace clickflow::remote
