#include "clickflow/auth/registration.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ask.h"
#include "clickflow/base/log.h"
#include "stored_json.h"

namespace clickflow::auth {
namespace {

using Origin = OAuthClient::Origin;

constexpr const char* by_hand =
    "Register a client there by hand, and give its id with --client-id, or ask whoever runs the server for "
    "one.";
constexpr const char* device_grant_type = "urn:ietf:params:oauth:grant-type:device_code";

bool lists(const AuthorizationServer& server, ClientAuthentication method) {
  const auto& methods = *server.token_endpoint_auth_methods;
  return std::find(methods.begin(), methods.end(), to_string(method)) != methods.end();
}

// With a secret: RFC 8414 reads the absent list as client_secret_basic, and OAuth 2.1 prefers that.
ClientAuthentication with_secret(const AuthorizationServer& server) {
  const bool post_only = server.token_endpoint_auth_methods &&
                         !lists(server, ClientAuthentication::client_secret_basic) &&
                         lists(server, ClientAuthentication::client_secret_post);
  return post_only ? ClientAuthentication::client_secret_post : ClientAuthentication::client_secret_basic;
}

// A desktop program can't keep a secret, so it wants none unless the server insists.
std::optional<ClientAuthentication> to_register(const AuthorizationServer& server) {
  if (!server.token_endpoint_auth_methods) return ClientAuthentication::none;
  for (const auto method : {ClientAuthentication::none, ClientAuthentication::client_secret_basic,
                            ClientAuthentication::client_secret_post}) {
    if (lists(server, method)) return method;
  }
  return std::nullopt;
}

bool still_good(const OAuthClient& client, const ClientSettings& settings, const AuthorizationServer& server,
                const ScopeSet& scope, TimePoint now) {
  const auto& uris = client.redirect_uris;
  return client.origin == Origin::dynamic && client.issuer == server.issuer &&
         ScopeSet::parse(client.scope).contains(scope) && (client.device_grant || !settings.device_grant) &&
         !(client.secret_expires_at && *client.secret_expires_at <= now) &&
         std::all_of(
             settings.redirect_uris.begin(), settings.redirect_uris.end(),
             [&](const std::string& uri) { return std::find(uris.begin(), uris.end(), uri) != uris.end(); });
}

tl::unexpected<Error> refused(const AuthorizationServer& server, const http::Response& response) {
  const int status = response.head.status;
  const std::string who = "The sign-in server " + server.issuer;
  if (is_transient(status)) {
    return fail(ErrorCode::rejected,
                who + " can't register programs just now (status " + std::to_string(status) + ").",
                "Try again in a moment.");
  }
  const auto body = parse_json(response.body);
  const std::string code = text_field(body, "error").value_or("");
  log::info("registration at {} refused: status {}, {} {}", server.issuer, status, code,
            text_field(body, "error_description").value_or(""));
  if (code == "invalid_redirect_uri") {
    return fail(ErrorCode::rejected,
                who + " does not accept the address at which this program waits for the answer.", by_hand);
  }
  if (code == "invalid_client_metadata") {
    return fail(ErrorCode::rejected, who + " does not accept how this program describes itself.", by_hand);
  }
  // How servers say that registration is switched off, or not for everybody (Clerk: 422).
  if (status == 401 || status == 403 || status == 404 || status == 405 || status == 422) {
    return fail(ErrorCode::rejected, who + " does not let programs register themselves.", by_hand);
  }
  return fail(ErrorCode::rejected,
              who + " refused to register this program (status " + std::to_string(status) + ").", by_hand);
}

Result<OAuthClient> read_registration(const AuthorizationServer& server, const http::Response& response,
                                      OAuthClient client) {
  const std::string who = "The sign-in server " + server.issuer;
  const auto body = parse_json(response.body);
  const std::string id = text_field(body, "client_id").value_or("");
  if (id.empty()) {
    return fail(ErrorCode::protocol, who + " registered this program and did not say under which id.",
                by_hand);
  }
  client.client_id = id;
  client.secret = Secret(text_field(body, "client_secret").value_or(""));
  if (const auto named = text_field(body, "token_endpoint_auth_method")) {
    const auto method = parse_client_authentication(*named);
    if (!method) {
      return fail(ErrorCode::protocol,
                  who + " wants this program to show its identity in a way that it can't.", by_hand);
    }
    client.authentication = *method;
  }
  if (client.authentication == ClientAuthentication::none) client.secret = Secret();
  if (client.secret.empty()) client.authentication = ClientAuthentication::none;
  if (const auto expiry = number_field(body, "client_secret_expires_at"); expiry && *expiry > 0) {
    client.secret_expires_at = from_seconds(*expiry);
  }
  return client;
}

Result<OAuthClient> register_dynamically(http::Client& http, const ClientSettings& settings,
                                         const AuthorizationServer& server, const ScopeSet& scope,
                                         const Cancellation& cancellation) {
  if (!server.registration_endpoint) {
    return fail(ErrorCode::rejected,
                "The sign-in server " + server.issuer + " does not let programs register themselves.",
                by_hand);
  }
  const auto method = to_register(server);
  if (!method) {
    return fail(ErrorCode::protocol,
                "The sign-in server " + server.issuer +
                    " wants programs to show their identity in a way that this one can't.",
                by_hand);
  }
  OAuthClient client;
  client.origin = Origin::dynamic;
  client.issuer = server.issuer;
  client.authentication = *method;
  client.scope = scope.to_string();
  client.redirect_uris = settings.redirect_uris;
  client.device_grant = settings.device_grant;

  Json metadata = {{"application_type", "native"},
                   {"client_name", settings.client_name},
                   {"grant_types", {"authorization_code", "refresh_token"}},
                   {"redirect_uris", settings.redirect_uris},
                   {"response_types", {"code"}},
                   {"token_endpoint_auth_method", to_string(*method)}};
  if (!scope.empty()) metadata["scope"] = client.scope;
  if (settings.device_grant) metadata["grant_types"].push_back(device_grant_type);

  http::Request request;
  request.method = "POST";
  request.url = *server.registration_endpoint;
  request.headers = {{"Accept", "application/json"}};
  request.content_type = "application/json";
  request.body = to_text(metadata);
  const auto response = ask(http, std::move(request), cancellation);
  if (!response) return tl::make_unexpected(response.error());
  if (response->head.status != 200 && response->head.status != 201) return refused(server, *response);
  return read_registration(server, *response, std::move(client));
}

}  // namespace

Result<void> check_metadata_url(const std::string& url) {
  const auto parsed = Url::parse(url);
  if (parsed && parsed->is_https() && parsed->path() != "/") return {};
  return fail(ErrorCode::invalid_input, "The URL of the client metadata document can't be a client's id.",
              "Give --client-metadata-url an https URL with a path.");
}

Result<OAuthClient> obtain_client(http::Client& http, const ClientSettings& settings,
                                  const AuthorizationServer& server, const ScopeSet& scope,
                                  const std::optional<OAuthClient>& kept, TimePoint now,
                                  const Cancellation& cancellation) {
  OAuthClient client;
  client.issuer = server.issuer;
  if (settings.client_id) {
    client.origin = Origin::pre_registered;
    client.client_id = *settings.client_id;
    client.secret = settings.client_secret;
    // Once given and found good, it rests in the keychain.
    if (client.secret.empty() && kept && kept->origin == Origin::pre_registered &&
        kept->issuer == server.issuer && kept->client_id == client.client_id) {
      client.secret = kept->secret;
    }
    if (!client.secret.empty()) client.authentication = with_secret(server);
    return client;
  }
  if (settings.metadata_url && server.client_id_metadata_document_supported) {
    if (const auto fit = check_metadata_url(*settings.metadata_url); !fit)
      return tl::make_unexpected(fit.error());
    client.origin = Origin::metadata_document;
    client.client_id = *settings.metadata_url;
    return client;
  }
  if (kept && still_good(*kept, settings, server, scope, now)) return *kept;
  return register_dynamically(http, settings, server, scope, cancellation);
}

}  // namespace clickflow::auth
