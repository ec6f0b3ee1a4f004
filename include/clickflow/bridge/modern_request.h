#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clickflow/mcp/message.h"

namespace clickflow::bridge {

/// Why a modern host's request can't be carried, as the answer that it gets; nothing if it can. Every request
/// must name a revision and the host's capabilities (2026-07-28, "_meta"); one that names a revision that we
/// don't speak is told which we do (2026-07-28, "Protocol Version Negotiation").
std::optional<std::string> refuse_modern(const mcp::Message& request);

/// An answer whose result does not say of which type it is, with the type that it then has (2026-07-28,
/// "ResultType"). Nothing where it needs none.
std::optional<std::string> with_result_type(std::string_view answer);

}  // namespace clickflow::bridge
