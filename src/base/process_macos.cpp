#include <sys/sysctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "clickflow/base/process.h"

namespace clickflow {

ProcessIdentity ProcessIdentity::self() {
  return of(::getpid()).value_or(ProcessIdentity{::getpid(), 0});
}

std::optional<ProcessIdentity> ProcessIdentity::of(int64_t id) {
  int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, static_cast<int>(id)};
  kinfo_proc info{};
  size_t size = sizeof info;
  // A process that isn't there is told by an empty answer.
  if (::sysctl(name, 4, &info, &size, nullptr, 0) != 0 || size == 0) return std::nullopt;
  if (info.kp_proc.p_stat == SZOMB) return std::nullopt;
  const timeval started = info.kp_proc.p_starttime;
  return ProcessIdentity{id, static_cast<uint64_t>(started.tv_sec) * 1'000'000 + started.tv_usec};
}

}  // namespace clickflow
