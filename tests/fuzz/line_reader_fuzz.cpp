#include <algorithm>
#include <string>
#include <vector>

#include "clickflow/bridge/line_reader.h"
#include "require.h"

using clickflow::bridge::Channel;
using clickflow::bridge::LineReader;

namespace {

std::vector<std::string> expected_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace

// The first byte says how many bytes of piece lengths follow; the rest is the stream.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size < 1) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view cuts = rest.substr(0, data[0] % 8);
  rest.remove_prefix(cuts.size());
  const auto expected = expected_lines(rest);

  size_t pieces = 0;
  LineReader reader([&](char* room, size_t most) {
    const size_t wanted = cuts.empty() ? most : static_cast<unsigned char>(cuts[pieces++ % cuts.size()]) + 1u;
    const size_t count = rest.copy(room, std::min(wanted, most));
    rest.remove_prefix(count);
    return count;
  });
  std::vector<std::string> lines;
  std::string line;
  while (reader.read(line) == Channel::Read::line) lines.push_back(line);
  require(lines == expected);
  require(reader.read(line) == Channel::Read::end);
  return 0;
}
