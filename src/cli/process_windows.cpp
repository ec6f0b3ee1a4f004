#include <windows.h>

#include "process.h"

namespace clickflow::cli {
namespace {

std::function<void()> end_request;

BOOL WINAPI handle(DWORD) {
  end_request();
  return TRUE;
}

}  // namespace

void prepare_process() {
  ::SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
}

EndRequests::EndRequests(std::function<void()> end) {
  end_request = std::move(end);
  ::SetConsoleCtrlHandler(handle, TRUE);
}

EndRequests::~EndRequests() {
  ::SetConsoleCtrlHandler(handle, FALSE);
  ::SetConsoleCtrlHandler(nullptr, TRUE);
}

}  // namespace clickflow::cli
