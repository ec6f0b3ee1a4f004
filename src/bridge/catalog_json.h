#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clickflow/bridge/catalog.h"

namespace clickflow::bridge {

/// A ServerRecord as the document that a catalog's file holds. What the server said stands in it as strings,
/// so that it stays byte for byte what it was.
std::string write_record(const ServerRecord& record);

/// Why a text is no record.
enum class RecordProblem { damaged, other_version };

tl::expected<ServerRecord, RecordProblem> read_record(std::string_view text);

}  // namespace clickflow::bridge
