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

/// Revokes the tokens (RFC 7009), the refresh token first, and then forgets everything of this identity,
/// whatever the server has said. Fails only where the keychain does, or its lock can't be had.
Result<SignOutReport> sign_out(const Url& endpoint, http::Client& http, SessionStore& store,
                               const Clock& clock, const Cancellation& cancellation);

}  // namespace clickflow::auth
