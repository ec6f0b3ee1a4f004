#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clickflow/mcp/message.h"

/// The link to sign in, where a modern host shows it to the person: the call is answered with a question, and
/// comes again with the answer (2026-07-28, "Multi Round-Trip Requests"). Nothing of it reaches the server.
namespace clickflow::bridge {

/// True if the host shows links for this call, and has not come back with an answer already.
bool takes_sign_in_link(const mcp::Message& call);

/// The result that asks for it.
std::string sign_in_link_result(std::string_view link);

/// A call that comes back from there.
struct AfterLink {
  bool agreed;        ///< the person has opened the link; perhaps they have not signed in yet
  mcp::Message call;  ///< as it was made first
};
/// Nothing for any other request.
std::optional<AfterLink> after_sign_in_link(const mcp::Message& request);

}  // namespace clickflow::bridge
