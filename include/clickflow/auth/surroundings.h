#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "clickflow/auth/session_store.h"

namespace clickflow::auth {

using Environment = std::map<std::string, std::string>;
Environment current_environment();

/// Where the program runs, as far as it matters to whether a browser that we open is in front of the person.
struct Surroundings {
  bool wsl = false;        ///< Linux inside Windows: the browser is on the Windows side
  bool ssh = false;        ///< the person is at another machine
  bool container = false;  ///< what listens on 127.0.0.1 in here can't be reached from the person's browser
  bool display =
      true;  ///< a window that opens here is seen: $DISPLAY or $WAYLAND_DISPLAY on Linux, no SSH elsewhere
  bool helper =
      false;  ///< $BROWSER names a program: whoever set it (an editor's remote shell, say) knows a way

  bool browser_reaches_person() const { return helper || wsl || display; }

  /// One or two sentences for the person on what will work here; empty where nothing needs to be said. `port`
  /// is the callback port that the login was given, 0 for none; `identity` is what to sign in as.
  std::string advice(unsigned port, const SessionIdentity& identity) const;
};

/// Looks at the environment and, under `root`, at the files by which WSL and containers are known.
Surroundings look_around(const Environment& environment = current_environment(),
                         const std::filesystem::path& root = "/");

/// $BROWSER where it is a plain program: a bare name or an absolute path, without arguments, lists or
/// placeholders. Empty otherwise.
std::string browser_helper(const Environment& environment);

}  // namespace clickflow::auth
