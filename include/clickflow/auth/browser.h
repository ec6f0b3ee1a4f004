#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "clickflow/auth/surroundings.h"
#include "clickflow/base/error.h"

namespace clickflow::auth {

/// Whether an address, which a server had its part in, may be given to another program: https, or http on
/// loopback; at most 8 KiB; only characters that no shell, opener script or Windows command line takes for
/// anything but themselves; no user information; percent signs only before two hex digits. `invalid_input`
/// otherwise. The sentence doesn't repeat the address.
Result<void> check_browsable(std::string_view url);

/// What shows a page to the person.
class Browser {
 public:
  virtual ~Browser() = default;

  /// `invalid_input` for what check_browsable() refuses, `system` where no program took it. Success means
  /// that one did; whether the person sees the page is not known. Blocks for 2 s per program that is tried,
  /// at most. Any thread.
  virtual Result<void> open(const std::string& url) = 0;
};

/// The system's own: the first that works of $BROWSER (where it is a plain program), wslview and Windows'
/// opener under WSL, `open` on macOS, xdg-open, Windows' opener. It is started with an argument vector and
/// never through a shell, with the null device for its streams, none of our other descriptors, no variable of
/// ours (CLICKFLOW_*), and in a session of its own: it outlives us and gets none of our signals.
std::unique_ptr<Browser> make_system_browser(Environment environment = current_environment(),
                                             const Surroundings& surroundings = look_around());

}  // namespace clickflow::auth
