#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/mcp/message.h"
#include "clickflow/sandbox/http_exchange.h"

/// What every modern request must be, whatever it asks for (2026-07-28, "Overview", and Streamable HTTP,
/// "Server Validation").
namespace clickflow::sandbox {

/// An error of the protocol, which is answered with 400.
struct BrokenRule {
  mcp::ErrorNumber code;
  std::string what;
  std::string data{};  ///< JSON, or empty
};

/// The first rule that a request breaks, or nothing. Checked in this order: the MCP-Protocol-Version header,
/// `_meta`, Mcp-Method and Mcp-Name. `spoken` are the revisions to name to whoever asks for another.
std::optional<BrokenRule> broken_rule(const Request& request, const mcp::Message& message,
                                      const std::vector<std::string_view>& spoken);

/// For a client that wants a revision which is not served without a handshake.
BrokenRule unsupported_revision(std::string_view wanted, const std::vector<std::string_view>& spoken);

}  // namespace clickflow::sandbox
