#include "clickflow/sandbox/oauth/registration.h"
#include "clickflow/base/sha256.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/sandbox/oauth/grant_types.h"
#include "clickflow/sandbox/oauth/redirect_uri.h"
#include "clickflow/sandbox/random.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t longest_name = 200;
constexpr size_t most_redirects = 20;

tl::unexpected<OAuthError> bad_metadata(std::string description) {
  return refuse("invalid_client_metadata", std::move(description));
}

OAuthResult<std::vector<std::string>> strings(const Json& metadata, const char* name,
                                              std::vector<std::string> otherwise) {
  const Json list = member(metadata, name);
  if (list.is_null()) return otherwise;
  std::vector<std::string> values;
  if (!list.is_array()) return bad_metadata(std::string(name) + " must be an array.");
  for (const auto& value : list) {
    if (!value.is_string()) return bad_metadata(std::string(name) + " must hold strings.");
    values.push_back(value);
  }
  return values;
}

OAuthResult<std::string> string(const Json& metadata, const char* name, std::string otherwise) {
  const Json value = member(metadata, name);
  if (value.is_null()) return otherwise;
  if (!value.is_string()) return bad_metadata(std::string(name) + " must be a string.");
  return value.get<std::string>();
}

}  // namespace

OAuthResult<Registration> register_client(const Json& metadata, Time now) {
  if (!metadata.is_object()) return bad_metadata("The body must be a JSON object.");
  const auto name = string(metadata, "client_name", "A program without a name");
  if (!name) return tl::make_unexpected(name.error());
  if (name->empty() || name->size() > longest_name) {
    return bad_metadata("client_name must have 1 to 200 bytes.");
  }
  const auto method = string(metadata, "token_endpoint_auth_method", "client_secret_basic");
  if (!method) return tl::make_unexpected(method.error());
  if (std::find(std::begin(client_authentication_methods), std::end(client_authentication_methods),
                *method) == std::end(client_authentication_methods)) {
    return bad_metadata(
        "token_endpoint_auth_method must be none, client_secret_basic or client_secret_post.");
  }
  const auto grant_types = strings(metadata, "grant_types", {authorization_code_grant});
  if (!grant_types) return tl::make_unexpected(grant_types.error());
  for (const auto& type : *grant_types) {
    if (!is_supported_grant(type)) return bad_metadata("There is no grant type " + type + ".");
  }
  const auto response_types = strings(metadata, "response_types", {"code"});
  if (!response_types) return tl::make_unexpected(response_types.error());
  if (*response_types != std::vector<std::string>{"code"})
    return bad_metadata("response_types must be [\"code\"].");
  const auto redirects = strings(metadata, "redirect_uris", {});
  if (!redirects) return tl::make_unexpected(redirects.error());
  for (const auto& uri : *redirects) {
    if (!may_register_redirect(uri)) {
      return refuse(
          "invalid_redirect_uri",
          "A redirect URI must be https, http on loopback, or of a scheme of your own with a dot in it.");
    }
  }
  const bool needs_redirect =
      std::find(grant_types->begin(), grant_types->end(), authorization_code_grant) != grant_types->end();
  if ((needs_redirect && redirects->empty()) || redirects->size() > most_redirects) {
    return refuse("invalid_redirect_uri", "redirect_uris must have 1 to 20 entries.");
  }
  const auto scope = string(metadata, "scope", to_string(default_scopes()));
  if (!scope) return tl::make_unexpected(scope.error());
  const auto scopes = parse_scopes(*scope);
  if (!scopes) return bad_metadata("The scopes are " + to_string(supported_scopes()) + ".");

  Registration registration;
  OAuthClient& client = registration.client;
  client.id = "client_" + random_text(16);
  client.name = *name;
  client.authentication = *method;
  client.redirect_uris = *redirects;
  client.grant_types = *grant_types;
  client.scopes = *scopes;
  client.registered = now;
  if (*method != "none") {
    registration.secret = "cf_cs_" + random_text(43);
    client.secret_sha256 = sha256_hex(registration.secret);
  }
  return registration;
}

Json to_json(const Registration& registration) {
  const OAuthClient& client = registration.client;
  Json json{{"client_id", client.id},
            {"client_id_issued_at",
             std::chrono::duration_cast<std::chrono::seconds>(client.registered.time_since_epoch()).count()}};
  if (!registration.secret.empty()) {
    json["client_secret"] = registration.secret;
    json["client_secret_expires_at"] = 0;
  }
  json["client_name"] = client.name;
  json["redirect_uris"] = client.redirect_uris;
  json["grant_types"] = client.grant_types;
  json["response_types"] = {"code"};
  json["token_endpoint_auth_method"] = client.authentication;
  json["scope"] = to_string(client.scopes);
  return json;
}

}  // namespace clickflow::sandbox
