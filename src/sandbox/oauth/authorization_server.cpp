#include "clickflow/sandbox/oauth/authorization_server.h"

#include <nlohmann/json.hpp>

#include "clickflow/base/log.h"
#include "clickflow/sandbox/oauth/client_authentication.h"
#include "clickflow/sandbox/oauth/grant_types.h"
#include "clickflow/sandbox/oauth/oauth_replies.h"
#include "clickflow/sandbox/oauth/registration.h"
#include "clickflow/sandbox/oauth/wishes.h"
#include "clickflow/sandbox/replies.h"
#include "clickflow/sandbox/request_origin.h"
#include "clickflow/sandbox/web/page.h"

namespace clickflow::sandbox {
namespace {

Reply plain_error(int status, const char* code, const char* description) {
  return oauth_error({status, code, description});
}

Reply wrong_method(const char* allowed) {
  Reply reply = plain_error(405, "invalid_request", "Method Not Allowed");
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

}  // namespace

AuthorizationServer::AuthorizationServer(const Place& place, const OAuthSettings& settings,
                                         const Clock& clock, Counters& counters, bool test_controls)
    : place_(place),
      settings_(settings),
      clock_(clock),
      counters_(counters),
      ledger_(place.data / "sign-ins.json", clock),
      key_(place.data / "signing-key.pem"),
      tokens_(place.issuer, place.resource, ledger_, key_, clock, settings),
      codes_(clock),
      devices_(clock),
      controls_(test_controls, ledger_),
      token_endpoint_(place.resource, ledger_, tokens_, codes_, devices_, counters, controls_),
      desk_(place.issuer, place.resource, ledger_, codes_, devices_, counters, clock) {}

Reply AuthorizationServer::handle(const Request& request) {
  try {
    return route(request);
  } catch (const std::exception& e) {
    log::error("{} {} failed: {}.", request.method, request.path, e.what());
    return plain_error(500, "server_error", "Internal Server Error");
  }
}

Reply AuthorizationServer::route(const Request& request) {
  if (!comes_from_this_machine(request)) {
    return plain_error(403, "access_denied", "Only this machine may call the sandbox.");
  }
  const std::string& path = request.path;
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  const bool is_post = request.method == "POST";
  if (path == "/.well-known/oauth-authorization-server" || path == "/.well-known/openid-configuration") {
    return is_get ? json_reply(to_text(metadata())) : wrong_method("GET");
  }
  if (path == "/oauth/jwks" || path == "/.well-known/jwks.json") {
    return is_get ? json_reply(to_text({{"keys", Json::array({key_.jwk()})}})) : wrong_method("GET");
  }
  if (path == "/oauth/authorize")
    return is_get || is_post ? desk_.authorize(request) : wrong_method("GET, POST");
  if (path == "/device") return is_get || is_post ? desk_.device(request) : wrong_method("GET, POST");
  if (path == "/sign-in") return is_post ? desk_.sign_in(request) : wrong_method("POST");
  if (path == "/sign-out") return is_post ? desk_.sign_out(request) : wrong_method("POST");
  if (path == "/oauth/token") return is_post ? token_endpoint_.handle(request) : wrong_method("POST");
  if (path == "/oauth/token/revoke") return is_post ? revocation(request) : wrong_method("POST");
  if (path == "/oauth/device_authorization")
    return is_post ? device_authorization(request) : wrong_method("POST");
  if (path == "/oauth/userinfo") return is_get || is_post ? userinfo(request) : wrong_method("GET, POST");
  if (path == "/oauth/register") return is_post ? registration(request) : wrong_method("POST");
  return message_page(404, "There is nothing here", "This is the sign-in server of a ClickFlow sandbox.",
                      "Sign-ins begin in the program that wants one.");
}

Json AuthorizationServer::metadata() const {
  const auto at = [&](const char* path) { return place_.issuer + path; };
  Json json{{"issuer", place_.issuer},
            {"authorization_endpoint", at("/oauth/authorize")},
            {"token_endpoint", at("/oauth/token")},
            {"revocation_endpoint", at("/oauth/token/revoke")},
            {"userinfo_endpoint", at("/oauth/userinfo")},
            {"device_authorization_endpoint", at("/oauth/device_authorization")},
            {"jwks_uri", at("/.well-known/jwks.json")}};
  if (settings_.registration) json["registration_endpoint"] = at("/oauth/register");
  json["response_types_supported"] = {"code"};
  json["response_modes_supported"] = {"query"};
  json["grant_types_supported"] = supported_grant_types;
  json["token_endpoint_auth_methods_supported"] = client_authentication_methods;
  json["revocation_endpoint_auth_methods_supported"] = client_authentication_methods;
  json["scopes_supported"] = supported_scopes();
  json["code_challenge_methods_supported"] = {"S256"};
  json["subject_types_supported"] = {"public"};
  json["id_token_signing_alg_values_supported"] = {"RS256"};
  json["claims_supported"] = {"sub", "iss", "aud", "exp", "iat", "name", "email", "email_verified", "org_id"};
  json["authorization_response_iss_parameter_supported"] = true;
  json["client_id_metadata_document_supported"] = false;
  return json;
}

Reply AuthorizationServer::registration(const Request& request) {
  counters_.count_registration();
  if (!settings_.registration) {  // as Clerk answers where it is off, which it is unless somebody turns it on
    return plain_error(422, "invalid_request", "Dynamic client registration is not enabled.");
  }
  if (!request.header("content-type").starts_with("application/json")) {
    return plain_error(400, "invalid_client_metadata", "The body must be application/json.");
  }
  const auto registered = register_client(parse_json(request.body), clock_());
  if (!registered) return oauth_error(registered.error());
  const auto written = ledger_.change([&](LedgerBook& book) {
    book.clients.push_back(registered->client);
    return true;
  });
  if (!written) return oauth_error(server_error(written.error()).value());
  Reply reply = private_json(201, to_json(*registered));
  reply.note = registered->client.id;
  return reply;
}

Reply AuthorizationServer::revocation(const Request& request) {
  counters_.count_revocation();
  const auto form = read_form(request);
  if (!form) return oauth_error(form.error());
  const auto client = authenticate_client(ledger_, request, *form);
  if (!client) return oauth_error(client.error());
  if (!form->get("token")) return plain_error(400, "invalid_request", "There is no token.");
  const auto revoked = tokens_.revoke(*client, field(*form, "token"));
  return revoked ? private_json(200, Json::object()) : oauth_error(revoked.error());
}

Reply AuthorizationServer::device_authorization(const Request& request) {
  const auto form = read_form(request);
  if (!form) return oauth_error(form.error());
  const auto client = authenticate_client(ledger_, request, *form);
  if (!client) return oauth_error(client.error());
  if (!client->may_use(device_code_grant)) {
    return plain_error(400, "unauthorized_client", "The client has not registered the device grant.");
  }
  if (const auto fits = check_resource(*form, place_.resource); !fits) return oauth_error(fits.error());
  const auto scopes = wanted_scopes(*form, *client);
  if (!scopes) return oauth_error(scopes.error());
  const DeviceCodePair codes = devices_.add({client->id, place_.resource, *scopes});
  const std::string page = place_.issuer + "/device";
  return private_json(200, {{"device_code", codes.device_code},
                            {"user_code", codes.user_code},
                            {"verification_uri", page},
                            {"verification_uri_complete", page + "?user_code=" + codes.user_code},
                            {"expires_in", DeviceCodes::life.count()},
                            {"interval", DeviceCodes::first_interval.count()}});
}

// OpenID Connect Core, section 5.3.
Reply AuthorizationServer::userinfo(const Request& request) {
  const auto who = tokens_.verify(bearer_of(request));
  if (!who || !contains(who->scopes, "openid")) {
    const bool known = who.has_value();
    Reply reply = plain_error(known ? 403 : 401, known ? "insufficient_scope" : "invalid_token",
                              known ? "The token must have the scope openid." : "The token is not good.");
    reply.headers.emplace_back(
        "WWW-Authenticate",
        known ? R"(Bearer error="insufficient_scope", scope="openid")" : R"(Bearer error="invalid_token")");
    return reply;
  }
  Json json{{"sub", who->person->id}};
  add_profile(json, *who->person, who->scopes);
  json["org_id"] = who->organization;
  if (const auto* organization = find_organization(who->organization)) json["org_name"] = organization->name;
  return private_json(200, json);
}

std::optional<Caller> AuthorizationServer::caller_of(std::string_view access_token) {
  auto who = tokens_.verify(access_token);
  if (!who) return std::nullopt;
  return Caller{who->grant, who->organization, {*mcp::Scope::parse("tools:*")}, who->person};
}

Result<void> AuthorizationServer::check() {
  return ledger_.read([](const LedgerBook&) {});
}

}  // namespace clickflow::sandbox
