#include <windows.h>

#include "clickflow/base/process.h"

namespace clickflow {
namespace {

std::optional<uint64_t> start_time(HANDLE process) {
  FILETIME created, ended, kernel, user;
  if (!::GetProcessTimes(process, &created, &ended, &kernel, &user)) return std::nullopt;
  return static_cast<uint64_t>(created.dwHighDateTime) << 32 | created.dwLowDateTime;
}

}  // namespace

ProcessIdentity ProcessIdentity::self() {
  return {::GetCurrentProcessId(), start_time(::GetCurrentProcess()).value_or(0)};
}

std::optional<ProcessIdentity> ProcessIdentity::of(int64_t id) {
  const HANDLE process =
      ::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, static_cast<DWORD>(id));
  if (!process) return std::nullopt;
  // A process that has ended can be opened for as long as anybody holds a handle to it.
  const bool running = ::WaitForSingleObject(process, 0) == WAIT_TIMEOUT;
  const auto start = start_time(process);
  ::CloseHandle(process);
  if (!running || !start) return std::nullopt;
  return ProcessIdentity{id, *start};
}

}  // namespace clickflow
