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

/// What a modern answer lacks whose result does not say of which type it is (2026-07-28, "ResultType"):
/// `text` belongs before the byte `at`. Nothing where it lacks nothing. (A large answer is not copied for
/// it.)
struct MissingResultType {
  size_t at;
  std::string_view text;
};
std::optional<MissingResultType> missing_result_type(std::string_view answer);

}  // namespace clickflow::bridge
