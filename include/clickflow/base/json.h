#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace clickflow {

/// A small document of ours or of a peer's, its members in the order in which they were written. (Messages
/// are no documents: mcp/json.h reads them in place.)
using Json = nlohmann::ordered_json;

/// Deeper nesting is refused: copying a document, and writing it, recurse.
constexpr size_t max_json_depth = 512;

/// Discarded (`is_discarded()`) where `text` is no JSON, or too deep. Of members of one name the last counts.
Json parse_json(std::string_view text);

/// Compact. Bytes that are no UTF-8 become U+FFFD.
std::string to_text(const Json& json);
/// The same over several lines, for people.
std::string to_readable_text(const Json& json);
/// Compact, the members of every object by name: one text, however they were ordered.
std::string to_sorted_text(const Json& json);

}  // namespace clickflow
