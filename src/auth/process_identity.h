#pragma once

#include <cstdint>

namespace clickflow::auth {

/// A process in a way that a later one with the same number is not mistaken for it.
struct ProcessIdentity {
  int64_t id = 0;
  uint64_t started = 0;  ///< in a unit of the system's; 0 where that can't be found out
};

ProcessIdentity this_process();
bool is_alive(const ProcessIdentity& process);

}  // namespace clickflow::auth
