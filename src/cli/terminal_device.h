#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "clickflow/base/error.h"

namespace clickflow::cli {

/// The terminal that the program was started from, key by key and without echo for as long as the object
/// lives.
class TerminalDevice {
 public:
  /// `invalid_input` where there is none.
  static Result<std::unique_ptr<TerminalDevice>> open();
  virtual ~TerminalDevice() = default;

  /// The next byte, or nothing if none came in time.
  virtual std::optional<char> read(int milliseconds) = 0;
  virtual void write(std::string_view text) = 0;
};

/// One byte of stdin: `timed_out` if none came in time, nothing at the end.
Result<std::optional<char>> read_stdin(int milliseconds);

/// Whether escape sequences on stderr do what they are meant to; switches that on where it needs to be.
bool understands_escapes();

/// Of the terminal behind stdout or stderr; 80 where it does not say.
int columns(bool out);

}  // namespace clickflow::cli
