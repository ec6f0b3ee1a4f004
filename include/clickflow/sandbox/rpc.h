#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/json.h"

/// JSON-RPC 2.0 as a server reads and writes it.
namespace clickflow::sandbox::rpc {

enum Code {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  server_error = -32000,  ///< what has no code of its own, as other servers do
};

enum class Kind { request, notification, response };

/// Nothing where it is no message. An id must be a string or an integer: MCP allows no others.
std::optional<Kind> kind_of(const Json& message);

/// The three answers, as text. An error without an id has the id null.
std::string result(const Json& id, const Json& value);
std::string error(const Json& id, Code code, std::string_view message);
std::string notification(std::string_view method, const Json& params);

/// An HTTP error with a JSON-RPC error, which has no id, as its body.
Reply refuse(int status, Code code, std::string_view message);

}  // namespace clickflow::sandbox::rpc
