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
/// `status`, once all that was printed has been written. Where it can't be, that is said, and the status is
/// Exit::failure; but whoever closes a pipe wanted no more.
int after_output(int status);
void print_error(const Error& error);

enum class LongLines { whole, cut };

/// Columns as wide as they need to be. What does not fit on a terminal's line may be cut off; a pipe gets
/// all.
void print_table(const std::vector<std::vector<std::string>>& rows, LongLines long_lines = LongLines::whole);

}  // namespace clickflow::cli
