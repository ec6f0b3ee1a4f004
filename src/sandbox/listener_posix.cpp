#include <fcntl.h>
#include <sys/socket.h>

#include "listener.h"

namespace clickflow::sandbox {

void set_listener_options(intptr_t handle) {
  const int socket = static_cast<int>(handle);
  const int yes = 1;
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

}  // namespace clickflow::sandbox
