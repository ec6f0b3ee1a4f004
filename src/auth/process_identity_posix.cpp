#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>

#include "process_identity.h"

namespace clickflow::auth {
namespace {

struct Stat {
  char state = '?';
  uint64_t started = 0;
};

/// Linux's /proc/<pid>/stat (proc(5)). The second field, the program's name, may hold anything, so reading
/// starts after its last parenthesis.
Stat read_stat(int64_t id) {
  std::ifstream file("/proc/" + std::to_string(id) + "/stat");
  std::string line;
  std::getline(file, line);
  Stat stat;
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return stat;
  std::istringstream fields(line.substr(name_end + 1));
  fields >> stat.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  fields >> stat.started;
  return stat;
}

}  // namespace

ProcessIdentity this_process() {
  const int64_t id = ::getpid();
  return {id, read_stat(id).started};
}

bool is_alive(const ProcessIdentity& process) {
  const auto id = static_cast<pid_t>(process.id);
  if (id <= 0 || id != process.id || (::kill(id, 0) != 0 && errno != EPERM)) return false;
  const Stat now = read_stat(process.id);
  return now.state != 'Z' && (process.started == 0 || now.started == 0 || process.started == now.started);
}

}  // namespace clickflow::auth
