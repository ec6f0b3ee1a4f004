#include "clickflow/auth/oauth_session.h"

#include "clickflow/base/log.h"
#include "clickflow/http/www_authenticate.h"

namespace clickflow::auth {
namespace {

using Kind = TokenFailure::Kind;
using std::chrono::seconds;

// Longer than a renewal takes that has to wait for another process.
constexpr auto gate_limit = seconds(120);
// How soon a sign-in in another process is noticed here, and how often the keychain is read while signed out.
constexpr auto look_again_after = seconds(2);
// A server that refuses what a person has just signed in for would refuse the next one, too.
constexpr auto just_signed_in = seconds(60);
// Many calls that find themselves signed out at the same moment look around once.
constexpr auto discovery_lasts = seconds(5);
constexpr size_t longest_scope_shown = 200;

bool is_same(const std::optional<Tokens>& tokens, const std::optional<Secret>& used) {
  return tokens && used && tokens->access_token == *used;
}

bool belongs_to(const std::optional<Tokens>& tokens, const Discovery& discovery) {
  return tokens && tokens->issuer == discovery.server.issuer && tokens->resource == discovery.resource;
}

tl::unexpected<Error> gave_up_waiting(const Cancellation& cancellation) {
  if (cancellation.cancelled()) return fail(ErrorCode::cancelled, "The sign-in was not waited for.", "");
  return fail(ErrorCode::timed_out, "Your sign-in is still being renewed.", "Try again in a moment.");
}

}  // namespace

OAuthSession::OAuthSession(Url endpoint, http::Client& http, SessionStore& store, SignIn& sign_in,
                           Clock& clock)
    : endpoint_(std::move(endpoint)),
      http_(http),
      store_(store),
      sign_in_(sign_in),
      clock_(clock),
      refresher_(endpoint_, http, store, clock) {}

Result<std::optional<Secret>> OAuthSession::token(const Occasion& occasion) {
  auto tokens = current();
  if (!tokens) return std::nullopt;
  auto may_stay = [&] { return !tokens->due(clock_.now()) || !tokens->refresh_token; };
  if (may_stay()) return tokens->access_token;
  const bool expired = tokens->expired(clock_.now());
  const auto pass = gate_.enter(expired ? gate_limit : seconds(0), occasion.cancellation);
  if (!pass) {
    if (!expired) return tokens->access_token;  // good for another moment, and its successor is on its way
    return gave_up_waiting(occasion.cancellation);
  }
  tokens = current();
  if (!tokens) return std::nullopt;
  if (may_stay()) return tokens->access_token;

  const auto renewed = refresher_.refresh(*tokens, occasion.cancellation);
  if (renewed) {
    remember(*renewed);
    return renewed->access_token;
  }
  const auto& failure = renewed.error();
  const bool ended = failure.kind == Kind::invalid_grant;
  if (ended) remember(std::nullopt);
  if (!expired) return tokens->access_token;
  // The server will answer 401 and so say where to sign in.
  if (ended || failure.kind == Kind::invalid_client) return std::nullopt;
  return tl::make_unexpected(failure.error);
}

Result<void> OAuthSession::renew(const Refusal& refusal, const std::optional<Secret>& used,
                                 const Occasion& occasion) {
  const auto challenge = http::bearer_challenge(refusal.headers);
  const bool is_step_up = refusal.status == 403;
  Plan plan;
  {
    const auto pass = gate_.enter(gate_limit, occasion.cancellation);
    if (!pass) return gave_up_waiting(occasion.cancellation);
    if (has_other_than(used)) return {};  // another thread was faster
    if (const auto early = refresher_.backoff().too_early()) return tl::make_unexpected(*early);
    const auto tokens = reload();
    if (!tokens) return tl::make_unexpected(tokens.error());
    if (has_other_than(used)) return {};  // another process was faster
    plan = is_step_up ? step_up(*tokens, challenge, occasion)
                      : renew_refused(*tokens, challenge, used, occasion);
  }
  if (!plan) return tl::make_unexpected(plan.error());
  if (!*plan) return {};
  const auto result = sign_in(**plan, used, occasion);
  if (is_step_up && (result || result.error().code == ErrorCode::rejected)) step_ups_.asked((*plan)->scope);
  return result;
}

OAuthSession::Plan OAuthSession::renew_refused(const std::optional<Tokens>& tokens,
                                               const Challenge& challenge, const Used& used,
                                               const Occasion& occasion) {
  const auto discovery = look_around(challenge, tokens, occasion);
  if (!discovery) return tl::make_unexpected(discovery.error());
  const bool ours = belongs_to(tokens, *discovery);
  if (ours && tokens->refresh_token) {
    const auto renewed = refresher_.refresh(*tokens, occasion.cancellation);
    if (renewed) {
      remember(*renewed);
      if (!is_same(*renewed, used)) return std::nullopt;
      return fail(ErrorCode::unauthenticated,
                  endpoint_.origin() + " refuses the token that your sign-in gives.",
                  "Sign in again with " + store_.identity().command("login") +
                      "; if that does not help, tell whoever runs the server.");
    }
    const auto& failure = renewed.error();
    const bool dynamic = tokens->client.origin == OAuthClient::Origin::dynamic;
    const bool ended =
        failure.kind == Kind::invalid_grant || (failure.kind == Kind::invalid_client && dynamic);
    if (!ended) return tl::make_unexpected(failure.error);
    remember(std::nullopt);
  } else if (ours && is_same(tokens, used) && !tokens->expired(clock_.now()) &&
             clock_.now() - tokens->obtained_at < just_signed_in) {
    return fail(ErrorCode::unauthenticated,
                endpoint_.origin() + " refuses the sign-in that was made a moment ago.",
                "Try again in a minute; if that does not help, tell whoever runs the server.");
  }
  const auto before = ours ? ScopeSet::parse(tokens->requested_scope) : ScopeSet();
  return SignInRequest{*discovery, choose_scope(challenge, *discovery, before)};
}

OAuthSession::Plan OAuthSession::step_up(const std::optional<Tokens>& tokens, const Challenge& challenge,
                                         const Occasion& occasion) {
  const auto missing = ScopeSet::parse(challenge ? challenge->param("scope").value_or("") : "");
  const std::string shown = missing.to_string().substr(0, longest_scope_shown);
  const std::string what = endpoint_.origin() + " wants " +
                           (shown.empty() ? "more than your sign-in allows" : "the scope " + shown);
  auto refused = [&] {
    return fail(ErrorCode::forbidden, what + " for this, which it was not given.",
                "Ask whoever administers your account for it.");
  };
  ScopeSet before;
  if (tokens) {
    before = ScopeSet::parse(tokens->requested_scope);
    before.add(ScopeSet::parse(tokens->granted_scope));
  }
  if (missing.empty() || before.contains(missing)) return refused();
  const auto discovery = look_around(challenge, tokens, occasion);
  if (!discovery) return tl::make_unexpected(discovery.error());
  const auto wanted =
      choose_scope(challenge, *discovery, belongs_to(tokens, *discovery) ? before : ScopeSet());
  if (!step_ups_.worth_asking(wanted)) return refused();
  if (!occasion.interactive) {
    return fail(ErrorCode::forbidden, what + " for this.",
                "Use it from your assistant: you will be asked in your browser.");
  }
  return SignInRequest{*discovery, wanted};
}

Result<void> OAuthSession::sign_in(const SignInRequest& request, const Used& used, const Occasion& occasion) {
  if (!occasion.interactive) return tl::make_unexpected(signed_out());
  auto done = [&]() -> Result<bool> {
    const auto tokens = stored();
    if (!tokens) return tl::make_unexpected(tokens.error());
    return belongs_to(*tokens, request.discovery) && !is_same(*tokens, used);
  };
  if (auto result = sign_in_.sign_in(request, done, occasion); !result) return result;
  if (const auto tokens = reload(); !tokens) return tl::make_unexpected(tokens.error());
  if (!has_other_than(used)) return tl::make_unexpected(signed_out());
  return {};
}

Result<Discovery> OAuthSession::look_around(const Challenge& challenge, const std::optional<Tokens>& tokens,
                                            const Occasion& occasion) {
  const std::string named(challenge ? challenge->param("resource_metadata").value_or("") : "");
  const auto now = clock_.now();
  if (!tokens) {
    std::lock_guard lock(mutex_);
    const bool lasts = found_ && now >= found_->at && now - found_->at < discovery_lasts;
    if (lasts && found_->named == named) return found_->discovery;
  }
  auto discovery = discover(http_, endpoint_, challenge, tokens ? tokens->issuer : "", occasion.cancellation);
  if (!discovery) {
    const auto code = discovery.error().code;
    if (code != ErrorCode::protocol && code != ErrorCode::cancelled)
      refresher_.backoff().failed(discovery.error());
    return discovery;
  }
  refresher_.know(discovery->server);
  std::lock_guard lock(mutex_);
  found_.reset();
  if (!tokens) found_ = Found{named, now, *discovery};
  issuer_ = discovery->server.issuer;
  if (tokens_ && tokens_->issuer != *issuer_) tokens_.reset();
  return discovery;
}

bool OAuthSession::has_other_than(const Used& used) const {
  std::lock_guard lock(mutex_);
  return tokens_ && !is_same(tokens_, used) && !tokens_->due(clock_.now());
}

void OAuthSession::remember(std::optional<Tokens> tokens) {
  std::lock_guard lock(mutex_);
  if (tokens && issuer_ && tokens->issuer != *issuer_) tokens.reset();
  tokens_ = std::move(tokens);
  looked_at_ = clock_.now();
}

Result<std::optional<Tokens>> OAuthSession::stored() {
  auto tokens = refresher_.load();
  if (tokens || tokens.error().code != ErrorCode::keychain_damaged) return tokens;
  log::info("{}", tokens.error().message());
  return std::nullopt;  // as good as signed out: the next sign-in replaces it
}

Result<std::optional<Tokens>> OAuthSession::reload() {
  auto tokens = stored();
  if (tokens) remember(*tokens);
  return tokens;
}

std::optional<Tokens> OAuthSession::current() {
  {
    std::lock_guard lock(mutex_);
    if (tokens_) return tokens_;
  }
  std::lock_guard loading(loading_);
  {
    std::lock_guard lock(mutex_);
    const auto now = clock_.now();
    if (tokens_ || (looked_at_ && now >= *looked_at_ && now - *looked_at_ < look_again_after)) return tokens_;
  }
  if (const auto tokens = reload(); !tokens) {
    log::info("going without a token: {}", tokens.error().message());
    remember(std::nullopt);
  }
  std::lock_guard lock(mutex_);
  return tokens_;
}

Error OAuthSession::signed_out() const {
  return {ErrorCode::unauthenticated, "You are not signed in to " + endpoint_.origin() + ".",
          "Sign in with " + store_.identity().command("login") + "."};
}

}  // namespace clickflow::auth
