#pragma once

#include <chrono>
#include <optional>

#include "clickflow/http/headers.h"

namespace clickflow::http {

/// How long the server keeps the connection idle after an answer with these headers, where it says so; not at
/// all where it closes it.
std::optional<std::chrono::steady_clock::duration> kept_for(const Headers& headers);

}  // namespace clickflow::http
