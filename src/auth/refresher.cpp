#include "clickflow/auth/refresher.h"

#include <algorithm>

#include "clickflow/base/log.h"

namespace clickflow::auth {
namespace {

using Kind = TokenFailure::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto trying = seconds(15);
constexpr int most_tries = 3;
constexpr auto first_pause = milliseconds(500);

TokenFailure from_error(const Error& error) {
  switch (error.code) {
    case ErrorCode::unreachable:
    case ErrorCode::lost:
    case ErrorCode::timed_out:
    case ErrorCode::rejected:  // discovery met a 5xx or 429
    case ErrorCode::cancelled:
      return {Kind::transient, error};
    default:
      return {Kind::refused, error};
  }
}

TokenFailure gone(const std::string& issuer) {
  return {Kind::invalid_grant,
          {ErrorCode::unauthenticated, "Your sign-in at " + issuer + " has ended.", "Sign in again."}};
}

bool contains(const std::vector<Secret>& secrets, const Secret& secret) {
  return std::find(secrets.begin(), secrets.end(), secret) != secrets.end();
}

}  // namespace

Result<std::optional<Tokens>> Refresher::load() const {
  auto stored = store_.load();
  if (!stored || !*stored) return stored;
  if (auto unsaved = unsaved_successor(**stored)) return unsaved;
  return stored;
}

TokenResult<Tokens> Refresher::refresh(const Tokens& stale, const Cancellation& cancellation) {
  auto attempt = [&]() -> TokenResult<Tokens> {
    if (const auto early = backoff_.too_early())
      return tl::make_unexpected(TokenFailure{Kind::transient, *early});
    // Before the lock, so that it is held for the one request only.
    if (const auto server = server_of(stale.issuer, cancellation); !server)
      return tl::make_unexpected(server.error());
    const auto lock = store_.lock(cancellation);
    if (!lock) return tl::make_unexpected(from_error(lock.error()));
    return refresh_locked(stale, cancellation);
  };
  auto tokens = attempt();
  if (tokens) {
    backoff_.succeeded();
  } else if (tokens.error().kind == Kind::transient && tokens.error().error.code != ErrorCode::cancelled) {
    backoff_.failed(tokens.error().error, tokens.error().retry_after);
  }
  return tokens;
}

TokenResult<Tokens> Refresher::refresh_locked(const Tokens& stale, const Cancellation& cancellation) {
  const auto stored = store_.load();
  if (!stored) return tl::make_unexpected(from_error(stored.error()));
  if (!*stored) return tl::make_unexpected(gone(stale.issuer));
  const auto unsaved = unsaved_successor(**stored);
  if (unsaved) save(*unsaved, **stored);
  const Tokens& tokens = unsaved ? *unsaved : **stored;
  if (!(tokens.access_token == stale.access_token) && !tokens.due(clock_.now())) return tokens;
  if (!tokens.refresh_token) return tl::make_unexpected(gone(tokens.issuer));
  const auto server = server_of(tokens.issuer, cancellation);
  if (!server) return tl::make_unexpected(server.error());
  auto response = ask(tokens, *server, cancellation);
  if (!response) {
    remove(tokens, response.error().kind);
    return tl::make_unexpected(response.error());
  }
  Tokens next = tokens.renewed(*std::move(response));
  save(next, tokens);
  return next;
}

std::optional<Tokens> Refresher::unsaved_successor(const Tokens& stored) const {
  std::lock_guard lock(mutex_);
  if (unsaved_ && contains(unsaved_->replaced, stored.access_token)) return unsaved_->tokens;
  return std::nullopt;
}

void Refresher::save(const Tokens& next, const Tokens& replaced) {
  const auto saved = store_.save(next);
  std::lock_guard lock(mutex_);
  if (saved) {
    unsaved_.reset();
    return;
  }
  log::error("The renewed sign-in could not be stored. {}", saved.error().message());
  if (!unsaved_) unsaved_.emplace();
  if (!contains(unsaved_->replaced, replaced.access_token))
    unsaved_->replaced.push_back(replaced.access_token);
  unsaved_->tokens = next;
}

TokenResult<TokenResponse> Refresher::ask(const Tokens& tokens, const AuthorizationServer& server,
                                          const Cancellation& cancellation) {
  const TokenEndpoint endpoint(http_, server, tokens.client, clock_);
  const TimePoint deadline = clock_.now() + trying;
  milliseconds pause = first_pause;
  for (int attempt = 1;; ++attempt, pause *= 2) {
    // Whoever wanted it may have gone: the server has taken the refresh token by then, and what it gives for
    // it is all that is left of the sign-in.
    auto response = endpoint.refresh(*tokens.refresh_token, tokens.resource, tokens.granted_scope, {});
    if (response || response.error().kind != Kind::transient || attempt == most_tries) return response;
    const milliseconds wait =
        std::max<milliseconds>(pause, response.error().retry_after.value_or(seconds(0)));
    if (clock_.now() + wait >= deadline || !clock_.sleep(wait, cancellation)) return response;
  }
}

TokenResult<AuthorizationServer> Refresher::server_of(const std::string& issuer,
                                                      const Cancellation& cancellation) {
  {
    std::lock_guard lock(mutex_);
    if (server_ && server_->issuer == issuer) return *server_;
  }
  const auto server = discover_issuer(http_, endpoint_, issuer, cancellation);
  if (!server) return tl::make_unexpected(from_error(server.error()));
  know(*server);
  return *server;
}

void Refresher::know(const AuthorizationServer& server) {
  std::lock_guard lock(mutex_);
  server_ = server;
}

void Refresher::remove(const Tokens& tokens, Kind why) {
  if (why != Kind::invalid_grant && why != Kind::invalid_client) return;
  // A client that the person brought, and its tokens, stay until they correct it.
  if (why == Kind::invalid_client && tokens.client.origin != OAuthClient::Origin::dynamic) return;
  if (const auto removed = store_.remove_tokens(tokens); !removed) log::warn("{}", removed.error().message());
  if (why == Kind::invalid_grant) return;
  if (const auto removed = store_.remove_client(tokens.issuer, tokens.resource); !removed) {
    log::warn("{}", removed.error().message());
  }
}

}  // namespace clickflow::auth
