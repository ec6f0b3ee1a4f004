#pragma once

#include <string>
#include <string_view>

#include "clickflow/auth/callback.h"
#include "clickflow/auth/pkce.h"
#include "clickflow/auth/registration.h"
#include "clickflow/auth/session_store.h"
#include "clickflow/auth/sign_in.h"

namespace clickflow::auth {

/// What a sign-in works with. All of it must outlive the sign-in.
struct SignInContext {
  http::Client& http;
  SessionStore& store;
  const ClientSettings& client;
  const Clock& clock;
  /// Told before a sign-in is stored and after it: whoever is signed in may be somebody else from then on.
  /// May be empty. In whatever thread finishes the sign-in.
  std::function<void()> changes = {};
};

/// Who we are at the server of `request`: found in the settings or the store, or registered, and stored.
/// `forbidden` where a client that the person brought belongs to another issuer. One process at a time should
/// do this.
Result<OAuthClient> client_for(const SignInContext& context, const SignInRequest& request,
                               const Cancellation& cancellation);

/// Stores what a sign-in has brought, under the lock.
Result<Tokens> keep(const SignInContext& context, const SignInRequest& request, const OAuthClient& client,
                    TokenResponse response, const Cancellation& cancellation);

/// Forgets the client if the server, by this failure, no longer knows it, so that the next sign-in makes a
/// new one.
void forget_client_if_unknown(const SignInContext& context, const OAuthClient& client,
                              std::string_view resource, const TokenFailure& failure);

/// One sign-in by authorization code (RFC 6749, section 4.1, with RFC 7636, 8252, 8707 and 9207), from the
/// link to the stored tokens. Whoever has a browser and a listener shows the one and hands over the other's
/// query. One thread at a time.
class CodeFlow {
 public:
  /// `redirect_uri` is where the listener already listens. `state` was made for this sign-in (make_state()).
  static Result<CodeFlow> start(const SignInContext& context, SignInRequest request, std::string redirect_uri,
                                std::string state, const Cancellation& cancellation);

  /// To be opened, or shown. Good for one sign-in.
  const std::string& link() const { return link_; }

  /// Checks the callback, trades its code for tokens and stores them.
  tl::expected<Tokens, CallbackFailure> finish(std::string_view query,
                                               const Cancellation& cancellation) const;

  /// To be called when nobody came back in time. A server that has forgotten the client tells that to the
  /// person alone, so the registration is dropped, and the next sign-in makes a new one.
  void abandon() const;

 private:
  CodeFlow(const SignInContext& context, SignInRequest request)
      : context_(context), request_(std::move(request)) {}

  SignInContext context_;
  SignInRequest request_;
  OAuthClient client_;
  Pkce pkce_;
  ExpectedCallback expected_;
  std::string redirect_uri_;
  std::string link_;
};

}  // namespace clickflow::auth
