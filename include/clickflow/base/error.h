#pragma once

#include <string>
#include <tl/expected.hpp>

namespace clickflow {

/// What kind of failure it was: enough to decide what to do next. The words for the person are in Error.
enum class ErrorCode {
  invalid_input,    ///< A setting, argument or file can't be used as it is.
  unauthenticated,  ///< No credential, or one that the server refused.
  forbidden,        ///< The credential is good, and doesn't allow this.
  unreachable,      ///< Nothing was sent: no address, no connection, no TLS. Safe to send again.
  lost,             ///< It was sent, and the connection broke. Whether it ran is not known.
  timed_out,        ///< It was sent, and no answer came within the limit. Whether it ran is not known.
  rejected,         ///< The server answered that it didn't do it.
  busy,             ///< The same, for now: it has too much to do. Later it may.
  cancelled,        ///< We, or the host, wanted it no more.
  protocol,         ///< The peer said something that its protocol does not allow.
  system,           ///< The operating system refused something.

  // The keychain's, see keychain/secret_store.h.
  keychain_locked,   ///< It is closed, and was not opened.
  keychain_absent,   ///< There is none, or not in this kind of session.
  keychain_no_bus,   ///< There is no D-Bus session bus to reach it by.
  keychain_refused,  ///< It is there and open, and says no.
  keychain_damaged,  ///< The entry is there, and is not what was written.
};

/// A failure as a person meets it: one sentence that says what happened and one that says what to do. Neither
/// ever holds a secret. Both end with a full stop.
struct Error {
  ErrorCode code;
  std::string what;
  std::string remedy;

  std::string message() const { return remedy.empty() ? what : what + " " + remedy; }
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string what, std::string remedy) {
  return tl::make_unexpected(Error{code, std::move(what), std::move(remedy)});
}

}  // namespace clickflow
