#include "clickflow/sandbox/oauth/token_endpoint.h"

#include <nlohmann/json.hpp>

#include "clickflow/base/log.h"
#include "clickflow/sandbox/oauth/client_authentication.h"
#include "clickflow/sandbox/oauth/grant_types.h"
#include "clickflow/sandbox/oauth/oauth_replies.h"
#include "clickflow/sandbox/oauth/wishes.h"

namespace clickflow::sandbox {
namespace {

Reply token_reply(const IssuedTokens& tokens) {
  Json json{
      {"access_token", tokens.access}, {"token_type", "Bearer"}, {"expires_in", tokens.expires_in.count()}};
  if (!tokens.refresh.empty()) json["refresh_token"] = tokens.refresh;
  if (!tokens.id.empty()) json["id_token"] = tokens.id;
  json["scope"] = to_string(tokens.scopes);
  Reply reply = private_json(200, json);
  reply.note = tokens.grant;
  return reply;
}

}  // namespace

TokenEndpoint::TokenEndpoint(std::string resource, Ledger& ledger, TokenService& tokens,
                             AuthorizationCodes& codes, DeviceCodes& devices, Counters& counters,
                             TestControls& controls)
    : resource_(std::move(resource)),
      ledger_(ledger),
      tokens_(tokens),
      codes_(codes),
      devices_(devices),
      counters_(counters),
      controls_(controls) {}

Reply TokenEndpoint::handle(const Request& request) {
  const auto form = read_form(request);
  counters_.count_token_request(form ? field(*form, "grant_type") : "");
  if (auto failure = controls_.token_failure()) return *std::move(failure);
  const auto tokens =
      form ? grant(request, *form) : OAuthResult<IssuedTokens>(tl::make_unexpected(form.error()));
  controls_.delay_token_answer();
  return tokens ? token_reply(*tokens) : oauth_error(tokens.error());
}

OAuthResult<IssuedTokens> TokenEndpoint::grant(const Request& request, const Form& form) {
  const auto client = authenticate_client(ledger_, request, form);
  if (!client) return tl::make_unexpected(client.error());
  const std::string type = field(form, "grant_type");
  if (type.empty()) return refuse("invalid_request", "There is no grant_type.");
  if (!is_supported_grant(type))
    return refuse("unsupported_grant_type", "This server has no such grant type.");
  if (!client->may_use(type))
    return refuse("unauthorized_client", "The client has not registered this grant type.");
  if (type == authorization_code_grant) return redeem_code(*client, form);
  if (type == refresh_token_grant) return refresh(*client, form);
  return redeem_device_code(*client, form);
}

// The code is spent by the first attempt, good or bad: whoever else has it gets nothing.
OAuthResult<IssuedTokens> TokenEndpoint::redeem_code(const OAuthClient& client, const Form& form) {
  const std::string code = field(form, "code");
  const AuthorizationCodes::Use use = codes_.use(code);
  if (!use.grant.empty()) {
    log::warn("A code was used twice; the tokens of {} have been ended.", use.grant);
    const auto ended = ledger_.change([&](LedgerBook& book) {
      book.end_grant(use.grant);
      return true;
    });
    if (!ended) return server_error(ended.error());
  }
  const auto& authorized = use.authorized;
  if (!authorized || authorized->client != client.id) {
    return refuse("invalid_grant", "The code is not known, has expired, or was used.");
  }
  if (field(form, "redirect_uri") != authorized->redirect_uri) {
    return refuse("invalid_grant", "The redirect_uri is not the one of the authorization request.");
  }
  const std::string verifier = field(form, "code_verifier");
  if (!is_code_verifier(verifier) || s256_challenge(verifier) != authorized->code_challenge) {
    return refuse("invalid_grant", "The code_verifier does not fit the code_challenge.");
  }
  if (auto fits = check_resource(form, resource_); !fits) return tl::make_unexpected(fits.error());
  auto tokens = tokens_.begin(client, authorized->consent);
  if (tokens) codes_.used_for(code, tokens->grant);
  return tokens;
}

OAuthResult<IssuedTokens> TokenEndpoint::refresh(const OAuthClient& client, const Form& form) {
  std::optional<OAuthScopes> scopes;
  if (form.get("scope")) {
    scopes = parse_scopes(field(form, "scope"));
    if (!scopes) return refuse("invalid_scope", "The scopes are " + to_string(supported_scopes()) + ".");
  }
  return tokens_.refresh(client, field(form, "refresh_token"), field(form, "resource"), scopes);
}

OAuthResult<IssuedTokens> TokenEndpoint::redeem_device_code(const OAuthClient& client, const Form& form) {
  if (auto fits = check_resource(form, resource_); !fits) return tl::make_unexpected(fits.error());
  const auto consent = devices_.poll(field(form, "device_code"), client);
  if (!consent) return tl::make_unexpected(consent.error());
  return tokens_.begin(client, *consent);
}

}  // namespace clickflow::sandbox
