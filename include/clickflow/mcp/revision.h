#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "clickflow/mcp/message.h"

/// The protocol's revisions, of two eras (2026-07-28, "Versioning and Compatibility"): legacy ones agree on a
/// revision in a handshake and keep a session, modern ones say it in every request.
namespace clickflow::mcp {

enum class Era { legacy, modern };

constexpr std::string_view modern_revision = "2026-07-28";
constexpr std::string_view newest_legacy_revision = "2025-11-25";

/// What we speak, the newest first.
constexpr std::array<std::string_view, 1> modern_revisions{modern_revision};
constexpr std::array<std::string_view, 3> legacy_revisions{newest_legacy_revision, "2025-06-18",
                                                           "2025-03-26"};

/// Nothing for a revision that we don't speak.
std::optional<Era> era_of_revision(std::string_view revision);

/// How its sender speaks: a request is modern if its `_meta` names a revision, or if its method exists in
/// modern revisions only. What is no request says nothing and counts as legacy.
Era era_of(const Message& request);

}  // namespace clickflow::mcp
