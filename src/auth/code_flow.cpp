#include "clickflow/auth/code_flow.h"

#include "clickflow/auth/authorization_url.h"
#include "clickflow/base/log.h"

namespace clickflow::auth {
namespace {

using Origin = OAuthClient::Origin;

void forget_client(const SignInContext& context, const OAuthClient& client, std::string_view resource) {
  if (client.origin != Origin::dynamic) return;
  const auto kept = context.store.load_client(client.issuer, resource);
  if (kept && *kept && (*kept)->client_id != client.client_id) return;  // another process has made a new one
  if (const auto removed = context.store.remove_client(client.issuer, resource); !removed) {
    log::warn("{}", removed.error().message());
  }
}

}  // namespace

Result<OAuthClient> client_for(const SignInContext& context, const SignInRequest& request,
                               const Cancellation& cancellation) {
  const auto& [discovery, scope] = request;
  auto& store = context.store;
  if (context.client.client_id) {
    const auto bound = store.binding();
    if (bound && *bound && (*bound)->pre_registered_client == *context.client.client_id &&
        (*bound)->issuer != discovery.server.issuer) {
      return fail(ErrorCode::forbidden,
                  "The server now wants sign-ins at " + discovery.server.issuer +
                      ", and the client id that you gave is " + (*bound)->issuer + "'s.",
                  "If you trust the change, sign out with " + store.identity().command("logout") +
                      " and give the new client's id.");
    }
  }
  auto kept = store.load_client(discovery.server.issuer, discovery.resource);
  if (!kept && kept.error().code != ErrorCode::keychain_damaged) return tl::make_unexpected(kept.error());
  const auto known = kept ? *kept : std::nullopt;
  auto client = obtain_client(context.http, context.client, discovery.server, scope, known,
                              context.clock.now(), cancellation);
  if (!client) return client;
  const bool is_new = client->origin == Origin::dynamic && !(known && known->client_id == client->client_id);
  if (is_new) {
    if (const auto saved = store.save_client(*client, discovery.resource); !saved)
      return tl::make_unexpected(saved.error());
  }
  return client;
}

Result<Tokens> keep(const SignInContext& context, const SignInRequest& request, const OAuthClient& client,
                    TokenResponse response, const Cancellation& cancellation) {
  auto tokens =
      make_tokens(std::move(response), client, request.discovery.resource, request.scope.to_string());
  const auto lock = context.store.lock(cancellation);
  if (!lock) return tl::make_unexpected(lock.error());
  if (client.origin == Origin::pre_registered && !client.secret.empty()) {
    const auto saved = context.store.save_client(client, request.discovery.resource);
    if (!saved) return tl::make_unexpected(saved.error());
  }
  if (context.changes) context.changes();
  const auto saved = context.store.save(tokens);
  if (context.changes) context.changes();
  if (!saved) return tl::make_unexpected(saved.error());
  return tokens;
}

void forget_client_if_unknown(const SignInContext& context, const OAuthClient& client,
                              std::string_view resource, const TokenFailure& failure) {
  if (failure.kind == TokenFailure::Kind::invalid_client) forget_client(context, client, resource);
}

Result<CodeFlow> CodeFlow::start(const SignInContext& context, SignInRequest request,
                                 std::string redirect_uri, std::string state,
                                 const Cancellation& cancellation) {
  auto client = client_for(context, request, cancellation);
  if (!client) return tl::make_unexpected(client.error());
  CodeFlow flow(context, std::move(request));
  const auto& server = flow.request_.discovery.server;
  flow.client_ = *std::move(client);
  flow.pkce_ = Pkce::make();
  flow.expected_ = {std::move(state), server.issuer, server.iss_parameter_supported};
  flow.redirect_uri_ = std::move(redirect_uri);
  auto link = authorization_url({.endpoint = server.authorization_endpoint,
                                 .client_id = flow.client_.client_id,
                                 .redirect_uri = flow.redirect_uri_,
                                 .scope = flow.request_.scope.to_string(),
                                 .state = flow.expected_.state,
                                 .code_challenge = flow.pkce_.challenge,
                                 .resource = flow.request_.discovery.resource});
  if (!link) return tl::make_unexpected(link.error());
  flow.link_ = *std::move(link);
  return flow;
}

tl::expected<Tokens, CallbackFailure> CodeFlow::finish(std::string_view query,
                                                       const Cancellation& cancellation) const {
  const auto& [discovery, scope] = request_;
  auto code = check_callback(query, expected_);
  if (!code) {
    if (code.error().client_unknown) forget_client(context_, client_, discovery.resource);
    return tl::make_unexpected(code.error());
  }
  auto failed = [](const Error& error) {
    return tl::make_unexpected(CallbackFailure{CallbackFailure::Kind::failed, error});
  };
  const TokenEndpoint endpoint(context_.http, discovery.server, client_, context_.clock);
  auto response = endpoint.exchange({.code = *std::move(code),
                                     .verifier = pkce_.verifier,
                                     .redirect_uri = redirect_uri_,
                                     .resource = discovery.resource,
                                     .scope = scope.to_string()},
                                    cancellation);
  if (!response) {
    forget_client_if_unknown(context_, client_, discovery.resource, response.error());
    if (response.error().kind == TokenFailure::Kind::invalid_grant) {
      return failed(
          {ErrorCode::rejected,
           "The sign-in server " + discovery.server.issuer + " did not accept the code that it had given.",
           "Sign in again."});
    }
    return failed(response.error().error);
  }
  auto tokens = keep(context_, request_, client_, *std::move(response), cancellation);
  if (!tokens) return failed(tokens.error());
  return *std::move(tokens);
}

void CodeFlow::abandon() const {
  forget_client(context_, client_, request_.discovery.resource);
}

}  // namespace clickflow::auth
