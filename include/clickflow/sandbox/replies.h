#pragma once

#include <string>
#include <string_view>

#include "clickflow/mcp/message.h"
#include "clickflow/sandbox/http_exchange.h"

/// The kinds of reply that the faces give.
namespace clickflow::sandbox {

Reply json_reply(std::string body);

/// `{"detail": …}`, which is how REST fails.
Reply detail_reply(int status, std::string_view detail);

/// A JSON-RPC error without an id, which is how MCP fails before there is a request to answer.
Reply refusal(int status, mcp::ErrorNumber code, std::string_view message);

}  // namespace clickflow::sandbox
