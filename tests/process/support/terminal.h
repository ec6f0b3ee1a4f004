#pragma once

#include "process/support/program.h"

namespace clickflow::testing {

/// Runs the program on a terminal of its own (all three streams) and gives what appears there, with plain
/// line ends. It must end by itself.
struct TerminalOutcome {
  Exit exit;
  std::string screen;
};
TerminalOutcome run_on_terminal(const Arguments& arguments, const Environment& environment = {});

}  // namespace clickflow::testing
