#include "clickflow/bridge/line_reader.h"

#include <cstring>

#include "clickflow/base/log.h"

namespace clickflow::bridge {
namespace {

void keep_end(std::string& text) {
  if (text.size() > kept_of_long_line) text.erase(0, text.size() - kept_of_long_line);
}

}  // namespace

Channel::Read LineReader::read(std::string& line) {
  line.clear();
  bool too_long = false;
  std::string beginning;  // of a line that is too long, and then `line` is its end
  for (;;) {
    const char* start = buffer_.data() + from_;
    const auto* newline = static_cast<const char*>(std::memchr(start, '\n', to_ - from_));
    const size_t count = newline ? static_cast<size_t>(newline - start) : to_ - from_;
    if (!too_long && line.size() + count > max_line) {
      too_long = true;
      beginning = line.substr(0, kept_of_long_line);
      line = line.substr(line.size() - kept_of_long_line);
    }
    line.append(start, count);
    if (too_long) keep_end(line);
    from_ += count;
    if (newline) {
      ++from_;
      if (too_long) {
        line.insert(0, beginning);
        return Channel::Read::too_long;
      }
      if (line.ends_with('\r')) line.pop_back();
      return Channel::Read::line;
    }
    from_ = 0;
    to_ = fill_(buffer_.data(), buffer_.size());
    if (to_ == 0) {
      if (!line.empty()) log::warn("stdin ended in the middle of a line, which is dropped");
      return Channel::Read::end;
    }
  }
}

}  // namespace clickflow::bridge
