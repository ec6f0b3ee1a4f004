#pragma once

#include <string>
#include <string_view>

#include "clickflow/mcp/message.h"

/// `_meta`, in which modern revisions carry what legacy ones agree on in the handshake (2026-07-28,
/// "Overview",
/// `_meta`).
namespace clickflow::mcp {

namespace meta {
constexpr std::string_view revision = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view client_info = "io.modelcontextprotocol/clientInfo";
constexpr std::string_view client_capabilities = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view log_level = "io.modelcontextprotocol/logLevel";
constexpr std::string_view server_info = "io.modelcontextprotocol/serverInfo";
constexpr std::string_view subscription_id = "io.modelcontextprotocol/subscriptionId";
constexpr std::string_view progress_token = "progressToken";
}  // namespace meta

/// What a request says of itself: each is JSON, a view of the request's text, and empty where it is missing.
struct RequestMeta {
  explicit RequestMeta(const Message& request);

  std::string_view revision;
  std::string_view client_info;
  std::string_view client_capabilities;
  std::string_view log_level;
  std::string_view progress_token;
};

/// The `_meta` of an object (a request's or a notification's params, a result), as JSON; empty where it is
/// missing.
std::string_view meta_of(std::string_view object);

/// `object` (params or a result) with that entry of its `_meta` set to `value` (JSON), or without it where
/// `value` is empty. A `_meta` that loses its last entry goes too.
std::string with_meta(std::string_view object, std::string_view key, std::string_view value);

/// The same message with other params, which are JSON.
Message with_params(const Message& message, std::string_view params);

/// The same message with that entry of its params' `_meta` set, or without it.
Message with_meta(const Message& message, std::string_view key, std::string_view value);

/// A request of our own that is made for another's: it says of itself what that says.
Message in_manner_of(const Message& request, const Message& own);

}  // namespace clickflow::mcp
