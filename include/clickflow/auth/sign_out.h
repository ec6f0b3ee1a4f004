#pragma once

#include <optional>

#include "clickflow/auth/session_store.h"

namespace clickflow::auth {

/// What a sign-out has come to, for the person to hear.
struct SignOutReport {
  bool was_signed_in = false;
  /// Why the server may still take the tokens until they expire; nothing where it has revoked them.
  std::optional<Error> not_revoked;
};

/// Forgets everything of this identity, and then revokes the tokens (RFC 7009), the refresh token first;
/// whatever the server says to that, they are forgotten. Fails only where the keychain does, where its lock
/// can't be had, and with `keychain_damaged` where only the server could say what there is to forget, and
/// can't be asked.
Result<SignOutReport> sign_out(const Url& endpoint, http::Client& http, SessionStore& store,
                               const Clock& clock, const Cancellation& cancellation);

}  // namespace clickflow::auth
