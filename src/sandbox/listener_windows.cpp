#include <winsock2.h>

#include "listener.h"

namespace clickflow::sandbox {

// Windows frees a port by itself, and takes SO_REUSEADDR as leave for two programs to share it.
void set_listener_options(intptr_t socket) {
  const BOOL yes = TRUE;
  ::setsockopt(static_cast<SOCKET>(socket), SOL_SOCKET, SO_EXCLUSIVEADDRUSE,
               reinterpret_cast<const char*>(&yes), sizeof yes);
}

}  // namespace clickflow::sandbox
