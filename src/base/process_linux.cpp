#include <unistd.h>

#include <sstream>
#include <string>

#include "clickflow/base/file.h"
#include "clickflow/base/process.h"

namespace clickflow {

ProcessIdentity ProcessIdentity::self() {
  return of(::getpid()).value_or(ProcessIdentity{::getpid(), 0});
}

std::optional<ProcessIdentity> ProcessIdentity::of(int64_t id) {
  // proc(5): pid (comm) state ppid … starttime; comm may hold anything, so the fields count from its last
  // bracket.
  const auto line = read_file("/proc/" + std::to_string(id) + "/stat");
  if (!line) return std::nullopt;
  const size_t bracket = line->rfind(')');
  if (bracket == std::string::npos) return std::nullopt;
  std::istringstream fields(line->substr(bracket + 1));
  constexpr int state = 3, starttime = 22;
  std::string field;
  for (int number = state; number <= starttime && fields >> field; ++number) {
    if (number == state && (field == "Z" || field == "X")) return std::nullopt;
    if (number == starttime) return ProcessIdentity{id, std::stoull(field)};
  }
  return std::nullopt;
}

}  // namespace clickflow
