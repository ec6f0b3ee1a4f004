#pragma once

#include "clickflow/auth/token_source.h"
#include "clickflow/http/client.h"

namespace clickflow::remote {

/// An HTTP client that says who we are. It adds the bearer token, and when the server refuses it has it
/// renewed, and sends the request once more: a refused request did not run. A token that was just renewed and
/// is still unknown (401) is the end of it; one that needs more scopes (403) is renewed again, a few times at
/// most. Any thread may call send().
class AuthorizedClient {
 public:
  /// All three outlive this object. The token goes to `resource`'s origin and to no other.
  AuthorizedClient(http::Client& http, auth::TokenSource& tokens, const Url& resource);

  /// As http::Client::send(). A refusal that could not be mended never reaches the receiver: it is the
  /// failure (`unauthenticated` or `forbidden`), with the words that the token source found for it.
  Result<void> send(http::Request request, http::Receiver& receiver, const auth::Occasion& occasion);

 private:
  http::Client& http_;
  auth::TokenSource& tokens_;
  const std::string origin_;
};

}  // namespace clickflow::remote
