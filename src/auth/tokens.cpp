#include "clickflow/auth/tokens.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "stored_json.h"

namespace clickflow::auth {
namespace {

constexpr std::chrono::system_clock::duration longest_margin = std::chrono::seconds(60);

}  // namespace

bool Tokens::due(TimePoint now) const {
  if (!expires_at) return false;
  const auto life = std::max(*expires_at - obtained_at, std::chrono::system_clock::duration::zero());
  return now >= *expires_at - std::min(longest_margin, life / 4);
}

Tokens Tokens::renewed(TokenResponse response) const {
  Tokens next = *this;
  next.access_token = std::move(response.access_token);
  if (response.refresh_token) next.refresh_token = std::move(response.refresh_token);
  next.obtained_at = response.obtained_at;
  next.expires_at = response.expires_at;
  next.granted_scope = std::move(response.scope);
  if (!response.account.empty()) next.account = std::move(response.account);
  return next;
}

Tokens make_tokens(TokenResponse response, const OAuthClient& client, const std::string& resource,
                   const std::string& requested_scope) {
  Tokens tokens;
  tokens.issuer = client.issuer;
  tokens.resource = resource;
  tokens.client = client;
  tokens.requested_scope = requested_scope;
  return tokens.renewed(std::move(response));
}

Secret serialize(const Tokens& tokens) {
  Json object = {{"version", stored_version},
                 {"issuer", tokens.issuer},
                 {"resource", tokens.resource},
                 {"client", client_to_json(tokens.client)},
                 {"access_token", std::string(tokens.access_token.expose())},
                 {"obtained_at", to_seconds(tokens.obtained_at)},
                 {"requested_scope", tokens.requested_scope},
                 {"granted_scope", tokens.granted_scope},
                 {"account", tokens.account}};
  if (tokens.refresh_token) object["refresh_token"] = std::string(tokens.refresh_token->expose());
  if (tokens.expires_at) object["expires_at"] = to_seconds(*tokens.expires_at);
  return dump_stored(object);
}

Result<Tokens> parse_tokens(const Secret& text) {
  const auto object = parse_stored(text);
  if (!object) return tl::make_unexpected(object.error());
  Tokens tokens;
  tokens.issuer = text_field(*object, "issuer").value_or("");
  tokens.resource = text_field(*object, "resource").value_or("");
  tokens.access_token = Secret(text_field(*object, "access_token").value_or(""));
  const auto client = object->find("client");
  auto parsed = client != object->end() ? client_from_json(*client) : std::nullopt;
  if (tokens.issuer.empty() || tokens.resource.empty() || tokens.access_token.empty() || !parsed ||
      parsed->issuer != tokens.issuer) {
    return damaged();
  }
  tokens.client = *std::move(parsed);
  if (const auto refresh_token = text_field(*object, "refresh_token");
      refresh_token && !refresh_token->empty()) {
    tokens.refresh_token = Secret(*refresh_token);
  }
  tokens.obtained_at = from_seconds(number_field(*object, "obtained_at").value_or(0));
  if (const auto expiry = number_field(*object, "expires_at")) tokens.expires_at = from_seconds(*expiry);
  tokens.requested_scope = text_field(*object, "requested_scope").value_or("");
  tokens.granted_scope = text_field(*object, "granted_scope").value_or("");
  tokens.account = text_field(*object, "account").value_or("");
  return tokens;
}

}  // namespace clickflow::auth
