#pragma once

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "clickflow/mcp/message.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/json.h"

namespace clickflow::sandbox {

/// What was posted to the MCP endpoint, as far as both eras of the protocol read it alike. The request
/// outlives it.
struct Posting {
  const Request& request;
  bool is_batch;
  tl::expected<mcp::Message, mcp::Invalid> message;  ///< an error where it is a batch
};

/// Refused is a posting whose sender does not take both media types (406), that is not JSON (415, 400), or
/// that is neither a message nor a batch (400).
tl::expected<Posting, Reply> read_posting(const Request& request);

/// True where the Accept header names this type, all types, or is missing.
bool accepts(const Request& request, std::string_view type);

/// The document of the params, or null. (What parses in place may still not become a document: a lone
/// surrogate.)
Json params_of(const mcp::Message& message);

/// For the log: the method, and of a call the tool.
std::string note_of(const mcp::Message& message);

Reply with_note(Reply reply, std::string note);

/// A reply whose body is this stream.
Reply event_reply(std::shared_ptr<EventReader> events);

/// `params` may be null.
std::string notification(std::string_view method, const Json& params);

}  // namespace clickflow::sandbox
