#pragma once

#include <functional>

namespace clickflow::cli {

/// Sets the process up as a bridge wants to be: no core dumps, which would hold tokens, memory that is given
/// back after a large message, and no end by SIGPIPE, which http::Client asks for.
void prepare_process();

/// While it lives, `end` is called from a signal handler when the process is asked to end (SIGTERM, SIGINT,
/// SIGHUP; Ctrl-C on Windows); later requests are ignored. `end` must be safe to call there. One at a time.
class EndRequests {
 public:
  explicit EndRequests(std::function<void()> end);
  ~EndRequests();
};

}  // namespace clickflow::cli
