#pragma once

#include "process/support/program.h"

namespace clickflow::testing {

/// Runs the program on a terminal of its own (all three streams) and gives what appears there, with plain
/// line ends. It must end by itself. The terminal does not say how wide it is where `columns` is 0.
struct TerminalOutcome {
  Exit exit;
  std::string screen;
};
TerminalOutcome run_on_terminal(const Arguments& arguments, const Environment& environment = {},
                                int columns = 0);

}  // namespace clickflow::testing
