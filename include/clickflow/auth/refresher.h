#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "clickflow/auth/backoff.h"
#include "clickflow/auth/discovery.h"
#include "clickflow/auth/session_store.h"
#include "clickflow/auth/token_endpoint.h"

namespace clickflow::auth {

/// Renews stored tokens so that, of all threads and processes of the user that want it at the same moment,
/// one asks the server and the others find its answer: authorization servers take a refresh token that comes
/// twice for stolen, and revoke everything.
///
/// The store is read again under the lock, and what comes back is stored before anything else happens. What
/// can't be stored takes the place, in this process, of what is stored, whose refresh token is spent: the
/// next refresh tries again to store it, and sends it in any case. Nothing else that is not stored is ever
/// sent. Entries are removed under the lock only, and only those that the server has just refused.
class Refresher {
 public:
  /// Keeps references: all must outlive it.
  Refresher(const Url& endpoint, http::Client& http, SessionStore& store, Clock& clock)
      : endpoint_(endpoint), http_(http), store_(store), clock_(clock), backoff_(clock) {}

  /// The newest of the sign-in: what is stored, or what a refresh could not store in its place. Any thread.
  Result<std::optional<Tokens>> load() const;

  /// Tokens that are newer than `stale`: those that another has stored meanwhile, if they are good, or the
  /// answer to a refresh. A failure that is transient is tried again, three times in all and for a few
  /// seconds; after that calls fail at once until backoff() says that the time has come.
  ///
  /// `invalid_grant` means that there is no sign-in any more, and `invalid_client` that the program has to be
  /// registered anew; the entries have been removed then, unless the person had brought the client. Waits at
  /// most 90 s for the lock. A request that has begun is not cancelled, but ends as TokenEndpoint's do. Any
  /// thread.
  TokenResult<Tokens> refresh(const Tokens& stale, const Cancellation& cancellation);

  /// How a refresh finds the token endpoint without asking again what has just been found out.
  void know(const AuthorizationServer& server);

  Backoff& backoff() { return backoff_; }

 private:
  TokenResult<Tokens> refresh_locked(const Tokens& stale, const Cancellation& cancellation);
  TokenResult<TokenResponse> ask(const Tokens& tokens, const AuthorizationServer& server,
                                 const Cancellation& cancellation);
  std::optional<Tokens> unsaved_successor(const Tokens& stored) const;
  void save(const Tokens& next, const Tokens& replaced);
  TokenResult<AuthorizationServer> server_of(const std::string& issuer, const Cancellation& cancellation);
  void remove(const Tokens& tokens, TokenFailure::Kind why);

  const Url& endpoint_;
  http::Client& http_;
  SessionStore& store_;
  Clock& clock_;
  Backoff backoff_;
  mutable std::mutex mutex_;
  std::optional<AuthorizationServer> server_;
  struct Unsaved {
    std::vector<Secret>
        replaced;  // access tokens; any may be stored, as a write that timed out may come late
    Tokens tokens;
  };
  std::optional<Unsaved> unsaved_;
};

}  // namespace clickflow::auth
