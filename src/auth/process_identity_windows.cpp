#include <windows.h>

#include "process_identity.h"

namespace clickflow::auth {
namespace {

uint64_t start_time(HANDLE process) {
  FILETIME created{}, exited{}, kernel{}, user{};
  if (!::GetProcessTimes(process, &created, &exited, &kernel, &user)) return 0;
  return (static_cast<uint64_t>(created.dwHighDateTime) << 32) | created.dwLowDateTime;
}

}  // namespace

ProcessIdentity this_process() {
  return {static_cast<int64_t>(::GetCurrentProcessId()), start_time(::GetCurrentProcess())};
}

bool is_alive(const ProcessIdentity& process) {
  const HANDLE handle =
      ::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, static_cast<DWORD>(process.id));
  if (!handle) return false;
  const bool running = ::WaitForSingleObject(handle, 0) == WAIT_TIMEOUT;
  const uint64_t started = start_time(handle);
  ::CloseHandle(handle);
  return running && (process.started == 0 || started == 0 || process.started == started);
}

}  // namespace clickflow::auth
