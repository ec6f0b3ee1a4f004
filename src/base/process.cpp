#include "clickflow/base/process.h"

#include <charconv>

namespace clickflow {

std::optional<ProcessIdentity> ProcessIdentity::parse(std::string_view text) {
  ProcessIdentity process;
  const char* const end = text.data() + text.size();
  const auto id = std::from_chars(text.data(), end, process.id);
  if (id.ec != std::errc() || id.ptr == end || *id.ptr != ' ' || process.id <= 0) return std::nullopt;
  const auto start = std::from_chars(id.ptr + 1, end, process.start);
  if (start.ec != std::errc() || start.ptr != end) return std::nullopt;
  return process;
}

std::string ProcessIdentity::to_string() const {
  return std::to_string(id) + " " + std::to_string(start);
}

bool ProcessIdentity::is_running() const {
  const auto now = of(id);
  return now && now->start == start;
}

}  // namespace clickflow
