#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clickflow/mcp/message.h"
#include "clickflow/mcp/revision.h"
#include "clickflow/mcp/server_description.h"

/// What a host is told before the server has said anything, and how that is kept whatever the server turns
/// out to be.
namespace clickflow::bridge {

/// Where nothing is known of the server: all that can be stood in for.
mcp::ServerDescription unknown_server();

/// Changes that are found here are told of as well, so each list can change.
std::string with_list_changes(std::string_view capabilities);

/// True if `capabilities` (JSON) have what a request of that method needs. Also for methods that need
/// nothing.
bool are_enough_for(std::string_view capabilities, std::string_view method);

/// In place of an answer of a server that has not got what the host was told of: nothing, in the method's own
/// form, or an error where nothing would be a lie. Empty for a method that is not stood in for.
std::optional<mcp::Message> stand_in_for(const mcp::Message& request);

/// True for an error that says that the server knows no such method.
bool denies_method(const mcp::Message& answer);

/// What the handshake is answered with, before the server could say how it speaks: the revision that the host
/// asked for, where there is one of that name, or else the newest.
std::string revision_to_greet(std::string_view asked);

/// A result for a host of that era: for a modern one, with what a result of a list must have (2026-07-28,
/// "Caching"). `rest_ms` is for how long it may be taken for fresh.
std::string list_result_for(mcp::Era host, std::string_view result, long long rest_ms);

}  // namespace clickflow::bridge
