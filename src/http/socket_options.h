#pragma once

#include <cstdint>

namespace clickflow::http {

/// Lets the operating system find out that the peer's machine is gone (about 30 s), however long a tool may
/// take, and stops a child that we start from inheriting the connection.
void enable_keep_alive(intptr_t socket);

}  // namespace clickflow::http
