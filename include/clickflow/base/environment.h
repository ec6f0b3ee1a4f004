#pragma once

#include <optional>
#include <string>

#include "clickflow/base/secret.h"

namespace clickflow {

/// The variable's value; nothing if it is unset or empty.
std::optional<std::string> environment(const char* name);

/// The same for a secret, which is taken away: no child inherits it, and where the operating system shows a
/// process's first environment to others (/proc), it is overwritten there. Call it before other threads
/// start.
std::optional<Secret> take_environment(const char* name);

}  // namespace clickflow
