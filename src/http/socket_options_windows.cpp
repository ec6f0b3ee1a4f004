#include <winsock2.h>

#include <mstcpip.h>
#include <ws2tcpip.h>

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
#ifdef TCP_MAXRT  // mingw-w64 has no name for it
  // There are no probes while something that was sent is not acknowledged.
  constexpr DWORD unacknowledged_seconds = 30;
  ::setsockopt(socket, IPPROTO_TCP, TCP_MAXRT, reinterpret_cast<const char*>(&unacknowledged_seconds),
               sizeof unacknowledged_seconds);
#endif
}

bool is_readable(intptr_t handle) {
  WSAPOLLFD waits{};
  waits.fd = static_cast<SOCKET>(handle);
  waits.events = POLLRDNORM;
  return ::WSAPoll(&waits, 1, 0) > 0;
}

}  // namespace clickflow::http
