#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clickflow/base/error.h"

/// What the commands print: results on stdout, everything else on stderr.
namespace clickflow::cli {

/// Without the control characters that could take over a terminal; line ends stay.
std::string printable(std::string_view text);

void print(std::string_view line);
void print_error(const Error& error);

/// Columns as wide as they need to be, the last one cut to the terminal's width (or whole, in a pipe).
void print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace clickflow::cli
