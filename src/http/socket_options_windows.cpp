#include <winsock2.h>

#include <mstcpip.h>

#include "socket_options.h"

namespace clickflow::http {
namespace {

constexpr ULONG idle_ms = 15'000;
constexpr ULONG probe_ms = 2'000;  // ten probes, whatever one asks for

}  // namespace

void enable_keep_alive(intptr_t handle) {
  const auto socket = static_cast<SOCKET>(handle);
  ::SetHandleInformation(reinterpret_cast<HANDLE>(socket), HANDLE_FLAG_INHERIT, 0);
  tcp_keepalive wanted{1, idle_ms, probe_ms};
  DWORD count = 0;
  ::WSAIoctl(socket, SIO_KEEPALIVE_VALS, &wanted, sizeof wanted, nullptr, 0, &count, nullptr, nullptr);
}

bool is_readable(intptr_t handle) {
  WSAPOLLFD waits{};
  waits.fd = static_cast<SOCKET>(handle);
  waits.events = POLLRDNORM;
  return ::WSAPoll(&waits, 1, 0) > 0;
}

}  // namespace clickflow::http
