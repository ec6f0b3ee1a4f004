#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "socket_options.h"

namespace clickflow::http {
namespace {

constexpr int idle_seconds = 15;
constexpr int probe_seconds = 5;
constexpr int probes = 3;
constexpr int unacknowledged_seconds = 30;

void set(int socket, int level, int name, int value) {
  ::setsockopt(socket, level, name, &value, sizeof value);
}

}  // namespace

void enable_keep_alive(intptr_t handle) {
  const int socket = static_cast<int>(handle);
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
  set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE
  set(socket, IPPROTO_TCP, TCP_KEEPIDLE, idle_seconds);
#else
  set(socket, IPPROTO_TCP, TCP_KEEPALIVE, idle_seconds);                   // macOS's name for it
#endif
  set(socket, IPPROTO_TCP, TCP_KEEPINTVL, probe_seconds);
  set(socket, IPPROTO_TCP, TCP_KEEPCNT, probes);
  // There are no probes while something that was sent is not acknowledged. On Linux this also ends a
  // connection whose peer is there and takes nothing for so long (a zero window).
#ifdef TCP_USER_TIMEOUT
  set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, unacknowledged_seconds * 1000);
#else
  set(socket, IPPROTO_TCP, TCP_RXT_CONNDROPTIME, unacknowledged_seconds);  // macOS's
#endif
}

bool is_readable(intptr_t handle) {
  pollfd waits{static_cast<int>(handle), POLLIN, 0};
  return ::poll(&waits, 1, 0) > 0;
}

}  // namespace clickflow::http
