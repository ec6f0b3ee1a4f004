#pragma once

#include <cstdint>

namespace clickflow::sandbox {

/// Lets a port be used again right after its listener ended, and never by two at a time; and no child
/// inherits it.
void set_listener_options(intptr_t socket);

}  // namespace clickflow::sandbox
