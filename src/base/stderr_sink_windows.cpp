#include "stderr_sink.h"

#include <spdlog/sinks/stdout_sinks.h>

namespace clickflow::log {

std::shared_ptr<spdlog::sinks::sink> make_stderr_sink() {
  return std::make_shared<spdlog::sinks::stderr_sink_mt>();
}

}  // namespace clickflow::log
