#pragma once

#include <functional>

#include "clickflow/auth/discovery.h"
#include "clickflow/auth/scope_set.h"
#include "clickflow/auth/token_source.h"

namespace clickflow::auth {

/// What to sign in to, and for what.
struct SignInRequest {
  Discovery discovery;
  ScopeSet scope;
};

/// Brings a person to a browser and back.
class SignIn {
 public:
  virtual ~SignIn() = default;

  /// Starts a sign-in, or joins the one that is under way in this process or another of the same user, and
  /// waits for its end, for as long as it is set to and no longer. `done` tells whether the store holds a
  /// sign-in by now that will do; whoever waits for another process polls it, in this thread only.
  ///
  /// Success means that the new tokens are stored. Otherwise
  /// - `unauthenticated`: it is still under way, and goes on; the words hold the link;
  /// - `rejected`: the person declined, or the server refused;
  /// - `cancelled`, or what kept it from starting.
  ///
  /// Any thread may call, several at once.
  virtual Result<void> sign_in(const SignInRequest& request, const std::function<Result<bool>()>& done,
                               const Occasion& occasion) = 0;
};

}  // namespace clickflow::auth
