#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "clickflow/auth/token_source.h"
#include "clickflow/http/client.h"

namespace clickflow::remote {

class Rests;

/// An HTTP client that says who we are. It adds the bearer token, and when the server refuses it has it
/// renewed, and sends the request once more: a refused request did not run. A token that was just renewed and
/// is still unknown (401) is the end of it; one that needs more scopes (403) is renewed again, a few times at
/// most. Any thread may call send().
class AuthorizedClient {
 public:
  /// All three outlive this object. The token goes to `resource`'s origin and to no other.
  AuthorizedClient(http::Client& http, auth::TokenSource& tokens, const Url& resource);

  /// As http::Client::send(). A refusal that could not be mended never reaches the receiver: it is the
  /// failure, with the words that the token source found for it: `unauthenticated` or `forbidden`, or what
  /// kept it from asking.
  Result<void> send(http::Request request, http::Receiver& receiver, const auth::Occasion& occasion);

  /// Sends once, with the token that the server last let through, for taking leave: a wanted or a renewed
  /// token would have limits of its own, and a renewal that has begun can't be cancelled. The receiver gets
  /// whatever the answer is.
  Result<void> send_as_before(http::Request request, http::Receiver& receiver);

  /// `rests`, while there are any, are woken when the server has let a request through after it had refused
  /// one for good, and with another credential: somebody has signed in meanwhile, here or elsewhere.
  void wake_on_sign_in(std::weak_ptr<Rests> rests);

 private:
  struct Refused {
    std::optional<Secret> token;
  };
  void refused(const std::optional<Secret>& token);
  void let_through(const std::optional<Secret>& token);

  http::Client& http_;
  auth::TokenSource& tokens_;
  const std::string origin_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Rests>> rests_;
  std::optional<Refused> refused_;  // and not yet made up for
  std::optional<Secret> last_let_through_;
};

}  // namespace clickflow::remote
