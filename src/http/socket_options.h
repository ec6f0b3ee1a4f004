#pragma once

#include <cstdint>

namespace clickflow::http {

/// Lets the operating system find out that the peer's machine is gone (about 30 s), however long a tool may
/// take and whether or not all that was sent has arrived, and stops a child that we start from inheriting the
/// connection.
void enable_keep_alive(intptr_t socket);

/// True if there is something to read, be it the connection's end.
bool is_readable(intptr_t socket);

}  // namespace clickflow::http
