#pragma once

#include "clickflow/sandbox/http_exchange.h"

namespace clickflow::sandbox {

/// False where a page in a browser has sent it that is not from this machine, neither directly (Origin) nor
/// by a name of its own that it lets point here (Host: DNS rebinding).
bool comes_from_this_machine(const Request& request);

/// What follows "Bearer " in the Authorization header; empty where there is none.
std::string bearer_of(const Request& request);

}  // namespace clickflow::sandbox
