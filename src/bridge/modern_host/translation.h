#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clickflow/mcp/message.h"

/// What a message of one era is in the other, as far as it can be said without knowing the conversation.
namespace clickflow::bridge::modern_host {

/// The params of a modern request as a legacy server knows them: without what the handshake says, and without
/// the marks of a retry.
std::string legacy_params(const mcp::Message& request);
/// The request under another id (JSON).
mcp::Message legacy_request(const mcp::Message& request, std::string_view id);

/// A legacy server's response as the answer to a modern request.
mcp::Message modern_response(const mcp::Message& response, const mcp::Message& request);

/// The capabilities (JSON) of a modern host as a handshake declares them: without tasks, whose two forms have
/// nothing in common, and without the change of roots, which a modern host does not tell.
std::string legacy_capabilities(std::string_view declared);

/// 0 for "debug" to 7 for "emergency" (RFC 5424, backwards); nothing for what is no level. `level` is JSON.
std::optional<int> log_rank(std::string_view level);
/// The params of logging/setLevel.
std::string log_level_params(int rank);

/// What says whether a retry is one of that request: a digest of its method and of its params as they count
/// for the server.
std::string request_digest(const mcp::Message& request);

}  // namespace clickflow::bridge::modern_host
