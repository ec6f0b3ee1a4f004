#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "clickflow/auth/gate.h"
#include "clickflow/auth/refresher.h"
#include "clickflow/auth/session_store.h"
#include "clickflow/auth/sign_in.h"
#include "clickflow/auth/token_source.h"

namespace clickflow::auth {

/// A person's sign-in at one MCP endpoint, for as long as the program runs: the stored tokens, renewed before
/// they expire and when the server refuses them, and a new sign-in when nothing else helps and the person is
/// there.
///
/// Signed out, or with a keychain that can't be read, it goes without a token: not every server wants one.
/// What is wrong is told when a server does.
class OAuthSession : public TokenSource {
 public:
  /// Keeps references: all must outlive it, and no call may be running when it goes.
  OAuthSession(Url endpoint, http::Client& http, SessionStore& store, SignIn& sign_in, Clock& clock);

  Result<std::optional<Secret>> token(const Occasion& occasion) override;

  /// After a 401: a refresh, or else a sign-in. After a 403 that asks for more scopes: a sign-in for what was
  /// granted and what is missing. Without `occasion.interactive` a sign-in is never started, and the failure
  /// says that the person has to.
  Result<void> renew(const Refusal& refusal, const std::optional<Secret>& used,
                     const Occasion& occasion) override;

 private:
  struct Found {
    std::string named;  // the challenge's resource_metadata
    TimePoint at;
    Discovery discovery;
  };
  using Challenge = std::optional<http::Challenge>;
  using Used = std::optional<Secret>;
  /// What is left to do: a sign-in, or nothing.
  using Plan = Result<std::optional<SignInRequest>>;

  Plan renew_refused(const std::optional<Tokens>& tokens, const Challenge& challenge, const Used& used,
                     const Occasion& occasion);
  Plan step_up(const std::optional<Tokens>& tokens, const Challenge& challenge, const Occasion& occasion);
  Result<void> sign_in(const SignInRequest& request, const Used& used, const Occasion& occasion);

  Result<Discovery> look_around(const Challenge& challenge, const std::optional<Tokens>& tokens,
                                const Occasion& occasion);
  bool has_other_than(const Used& used) const;
  void remember(std::optional<Tokens> tokens);
  Result<std::optional<Tokens>> stored();
  Result<std::optional<Tokens>> reload();
  std::optional<Tokens> current();
  Error signed_out() const;

  const Url endpoint_;
  http::Client& http_;
  SessionStore& store_;
  SignIn& sign_in_;
  Clock& clock_;
  Refresher refresher_;
  StepUps step_ups_;
  Gate gate_;  // one thread renews, the others wait for its result

  std::mutex loading_;  // around the keychain's reads while signed out
  mutable std::mutex mutex_;
  std::optional<Tokens> tokens_;
  std::optional<TimePoint> looked_at_;
  std::optional<Found> found_;  // while signed out
  // Whose tokens the server takes, once it has said so. No other's are sent to it.
  std::optional<std::string> issuer_;
};

}  // namespace clickflow::auth
