#include "clickflow/remote/authorized_client.h"

#include <functional>
#include <utility>

#include "clickflow/http/www_authenticate.h"
#include "reconnecting.h"

namespace clickflow::remote {
namespace {

constexpr size_t longest_refusal = 64 * 1024;
constexpr int most_renewals = 3;

// 401 says who are you; 403 is about the token only where a challenge says so (RFC 6750, section 3.1).
bool is_refusal(const http::ResponseHead& head) {
  if (head.status == 401) return true;
  if (head.status != 403) return false;
  const auto challenge = http::bearer_challenge(head.headers);
  return challenge && challenge->param("error") == "insufficient_scope";
}

// What broke was about the credential: the request itself certainly was not carried out.
Error not_sent(Error why) {
  if (why.code == ErrorCode::lost || why.code == ErrorCode::timed_out) why.code = ErrorCode::unreachable;
  return why;
}

void identify(http::Request& request, const std::optional<Secret>& token) {
  if (token) request.headers.set("Authorization", "Bearer " + std::string(token->expose()));
}

// Keeps a refusal back and lets everything else through.
class RefusalFilter : public http::Receiver {
 public:
  RefusalFilter(http::Receiver& next, std::function<void()> on_success)
      : next_(next), on_success_(std::move(on_success)) {}

  bool on_head(const http::ResponseHead& head) override {
    if (head.status >= 200 && head.status < 300) on_success_();
    if (!is_refusal(head)) return next_.on_head(head);
    refusal = auth::Refusal{{}, head.status, head.headers, {}};
    return true;
  }
  http::Next on_body(std::string_view piece) override {
    if (!refusal) return next_.on_body(piece);
    refusal->body += piece.substr(0, longest_refusal - refusal->body.size());
    return refusal->body.size() < longest_refusal ? http::Next::more : http::Next::stop;
  }

  std::optional<auth::Refusal> refusal;

 private:
  http::Receiver& next_;
  const std::function<void()> on_success_;
};

}  // namespace

AuthorizedClient::AuthorizedClient(http::Client& http, auth::TokenSource& tokens, const Url& resource)
    : http_(http), tokens_(tokens), origin_(resource.origin()) {}

Result<void> AuthorizedClient::send(http::Request request, http::Receiver& receiver,
                                    const auth::Occasion& occasion) {
  if (request.url.origin() != origin_) return http_.send(request, receiver, occasion.cancellation);
  const http::Headers own = request.headers;
  for (int renewals = 0;; ++renewals) {
    const auto token = tokens_.token(occasion);
    if (!token) return tl::make_unexpected(not_sent(token.error()));
    request.headers = own;  // without the token that was refused, if there is none any more
    identify(request, *token);
    RefusalFilter filter(receiver, [&] { let_through(*token); });
    const auto sent = http_.send(request, filter, occasion.cancellation);
    if (!filter.refusal) return sent;
    filter.refusal->url = request.url;
    // A new sign-in may turn out to need more scopes for this very request.
    if (renewals == most_renewals || (renewals > 0 && filter.refusal->status == 401)) {
      refused(*token);
      return fail(ErrorCode::unauthenticated, origin_ + " refuses the credential that it has just given out.",
                  "Sign in again; if that does not help, tell ClickFlow's support.");
    }
    auto renewal = tokens_.renew(*filter.refusal, *token, occasion).map_error(not_sent);
    if (!renewal) {
      auto& code = renewal.error().code;
      // Something is wrong with how one signs in there: the server does not know who we are.
      if (code == ErrorCode::protocol) code = ErrorCode::unauthenticated;
      if (code == ErrorCode::unauthenticated) refused(*token);
      return renewal;
    }
  }
}

Result<void> AuthorizedClient::send_as_before(http::Request request, http::Receiver& receiver) {
  if (request.url.origin() == origin_) {
    std::lock_guard lock(mutex_);
    identify(request, last_let_through_);
  }
  return http_.send(request, receiver, {});
}

void AuthorizedClient::refused(const std::optional<Secret>& token) {
  std::lock_guard lock(mutex_);
  refused_ = Refused{token};
}

void AuthorizedClient::let_through(const std::optional<Secret>& token) {
  std::lock_guard lock(mutex_);
  last_let_through_ = token;
  if (!refused_ || !token || refused_->token == token) return;
  refused_.reset();
  for (const auto& each : rests_) {
    if (const auto rests = each.lock()) rests->wake();
  }
}

void AuthorizedClient::wake_on_sign_in(std::weak_ptr<Rests> rests) {
  std::lock_guard lock(mutex_);
  std::erase_if(rests_, [](const auto& each) { return each.expired(); });
  rests_.push_back(std::move(rests));
}

}  // namespace clickflow::remote
