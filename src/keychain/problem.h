#pragma once

#include <string>
#include <string_view>

#include "clickflow/base/error.h"

/// What a person is told when a keychain fails. `keychain` is its description; `detail` is what the system
/// said, a clause without a full stop, which never holds a secret and may be empty.
namespace clickflow::keychain {

tl::unexpected<Error> locked(std::string_view keychain);
/// Asked to unlock, the person didn't.
tl::unexpected<Error> not_unlocked(std::string_view keychain);
/// Nothing can be written before somebody has set one up.
tl::unexpected<Error> no_default_keyring(std::string_view keychain);
tl::unexpected<Error> absent(std::string_view keychain, std::string_view detail);
tl::unexpected<Error> no_session_bus(std::string_view keychain, std::string_view detail);
tl::unexpected<Error> refused(std::string_view keychain, std::string_view detail);
tl::unexpected<Error> timed_out(std::string_view keychain);
tl::unexpected<Error> damaged(std::string_view keychain, std::string_view detail);
tl::unexpected<Error> broken(std::string_view keychain, std::string_view detail);

}  // namespace clickflow::keychain
