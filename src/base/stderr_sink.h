#pragma once

#include <spdlog/sinks/sink.h>

#include <memory>

namespace clickflow::log {

/// Writes the log's lines to stderr. On POSIX it never waits for who reads there: a host may not, and every
/// thread that logs would stop. What stderr does not take is dropped, and counted in the next line that it
/// takes. On Windows, where a pipe can't be asked, it waits.
std::shared_ptr<spdlog::sinks::sink> make_stderr_sink();

}  // namespace clickflow::log
