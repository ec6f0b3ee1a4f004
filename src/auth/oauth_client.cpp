#include "clickflow/auth/oauth_client.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "stored_json.h"

namespace clickflow::auth {
namespace {

using Origin = OAuthClient::Origin;

constexpr std::array origins = {std::pair{"pre_registered", Origin::pre_registered},
                                std::pair{"metadata_document", Origin::metadata_document},
                                std::pair{"dynamic", Origin::dynamic}};

const char* name_of(Origin origin) {
  for (const auto& [name, candidate] : origins) {
    if (candidate == origin) return name;
  }
  return "";
}

}  // namespace

Json client_to_json(const OAuthClient& client) {
  Json object = {{"origin", name_of(client.origin)},
                 {"issuer", client.issuer},
                 {"client_id", client.client_id},
                 {"token_endpoint_auth_method", to_string(client.authentication)},
                 {"scope", client.scope},
                 {"redirect_uris", client.redirect_uris},
                 {"device_grant", client.device_grant}};
  if (!client.secret.empty()) object["client_secret"] = std::string(client.secret.expose());
  if (client.secret_expires_at) object["client_secret_expires_at"] = to_seconds(*client.secret_expires_at);
  return object;
}

std::optional<OAuthClient> client_from_json(const Json& object) {
  OAuthClient client;
  const auto origin = text_field(object, "origin");
  const auto issuer = text_field(object, "issuer");
  const auto client_id = text_field(object, "client_id");
  const auto authentication =
      parse_client_authentication(text_field(object, "token_endpoint_auth_method").value_or(""));
  if (!origin || !issuer || issuer->empty() || !client_id || client_id->empty() || !authentication)
    return std::nullopt;
  bool known = false;
  for (const auto& [name, candidate] : origins) {
    if (*origin != name) continue;
    client.origin = candidate;
    known = true;
  }
  if (!known) return std::nullopt;
  client.issuer = *issuer;
  client.client_id = *client_id;
  client.authentication = *authentication;
  client.secret = Secret(text_field(object, "client_secret").value_or(""));
  if (client.authentication != ClientAuthentication::none && client.secret.empty()) return std::nullopt;
  if (const auto expiry = number_field(object, "client_secret_expires_at")) {
    client.secret_expires_at = from_seconds(*expiry);
  }
  client.scope = text_field(object, "scope").value_or("");
  client.redirect_uris = list_field(object, "redirect_uris").value_or(std::vector<std::string>());
  client.device_grant = true_field(object, "device_grant");
  return client;
}

const char* to_string(ClientAuthentication authentication) {
  switch (authentication) {
    case ClientAuthentication::none:
      return "none";
    case ClientAuthentication::client_secret_basic:
      return "client_secret_basic";
    case ClientAuthentication::client_secret_post:
      return "client_secret_post";
  }
  return "";
}

std::optional<ClientAuthentication> parse_client_authentication(std::string_view name) {
  for (const auto candidate : {ClientAuthentication::none, ClientAuthentication::client_secret_basic,
                               ClientAuthentication::client_secret_post}) {
    if (name == to_string(candidate)) return candidate;
  }
  return std::nullopt;
}

Secret serialize(const OAuthClient& client) {
  Json object = client_to_json(client);
  object["version"] = stored_version;
  return dump_stored(object);
}

Result<OAuthClient> parse_client(const Secret& text) {
  const auto object = parse_stored(text);
  if (!object) return tl::make_unexpected(object.error());
  auto client = client_from_json(*object);
  if (!client) return damaged();
  return *std::move(client);
}

}  // namespace clickflow::auth
