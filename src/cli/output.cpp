#include "clickflow/cli/output.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "clickflow/base/control.h"
#include "clickflow/base/log.h"
#include "clickflow/cli/commands.h"
#include "clickflow/cli/terminal.h"
#include "terminal_device.h"

namespace clickflow::cli {
namespace {

// With less than this left of a line, it is not cut.
constexpr size_t narrowest_column = 10;

int output_error = 0;  // the first, as an errno

// How many columns it takes, near enough: code points.
size_t width_of(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string cut(const std::string& text, size_t width) {
  if (width_of(text) <= width) return text;
  size_t bytes = 0;
  for (size_t count = 0; bytes < text.size(); ++bytes) {
    if ((text[bytes] & 0xC0) != 0x80 && ++count == width) break;
  }
  return text.substr(0, bytes) + "…";
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size(); ++at) {
    const bool harmless = text[at] == '\n' || text[at] == '\t';
    const size_t control = harmless ? 0 : control_size(text, at);
    if (control == 0) result += text[at];
    if (control == 2) ++at;
  }
  return result;
}

void print(std::string_view line) {
  const bool written =
      std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fputc('\n', stdout) != EOF;
  if (!written && output_error == 0) output_error = errno;
}

int after_output(int status) {
  if (std::fflush(stdout) != 0 && output_error == 0) output_error = errno;
  if (output_error == 0 || output_error == EPIPE) return status;
  print_error({ErrorCode::system,
               "The output could not be written: " + std::generic_category().message(output_error) + ".",
               "What was asked for has been done; give the output another place if you ask again."});
  return Exit::failure;
}

void print_error(const Error& error) {
  std::fprintf(stderr, "clickflow-mcp: %s\n", printable(log::redact(error.message())).c_str());
}

void print_table(const std::vector<std::vector<std::string>>& rows, LongLines long_lines) {
  const bool cuts = long_lines == LongLines::cut && is_terminal(Stream::out);
  const size_t width = cuts ? static_cast<size_t>(columns(true)) : 0;
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i + 1 == row.size()) {
        const size_t used = width_of(line);
        line += used + narrowest_column < width ? cut(row[i], width - used) : row[i];
      } else {
        line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
      }
    }
    print(line);
  }
}

}  // namespace clickflow::cli
