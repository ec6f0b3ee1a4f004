#include "clickflow/auth/metadata.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "json_fields.h"

namespace clickflow::auth {
namespace {

constexpr const char* ask_the_server = "Tell whoever runs the server.";

tl::unexpected<Error> refuse(std::string what) {
  return fail(ErrorCode::protocol, std::move(what), ask_the_server);
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// An endpoint that may be absent; one that is there has to pass the policy.
Result<std::optional<Url>> endpoint_field(const Json& document, const char* name, const UrlPolicy& policy) {
  const auto text = text_field(document, name);
  if (!text || text->empty()) return std::nullopt;
  auto url = policy.accept(*text, name);
  if (!url) return tl::make_unexpected(url.error());
  return *std::move(url);
}

// A server whose sign-in page is another's collects the codes of people who trust that page: a mix-up attack
// (RFC 9700, section 4.4), which `iss` stops only if that other server sends it. So the page has to be of one
// site with what it says it belongs to, or with where the code goes.
bool is_mix_up(const AuthorizationServer& server) {
  const auto issuer = Url::parse(server.issuer);
  return !same_site(server.authorization_endpoint, server.token_endpoint) &&
         !(issuer && same_site(server.authorization_endpoint, *issuer));
}

}  // namespace

bool covers(std::string_view resource, const Url& endpoint) {
  const auto url = Url::parse(resource);
  if (!url || url->origin() != endpoint.origin()) return false;
  if (url->path().size() != url->target.size()) return url->target == endpoint.target;
  std::string_view path = url->path();
  if (path.ends_with('/')) path.remove_suffix(1);
  const std::string_view called = endpoint.path();
  return called.starts_with(path) && (called.size() == path.size() || called[path.size()] == '/');
}

Result<ProtectedResource> parse_protected_resource(std::string_view text, const Url& endpoint) {
  const auto document = parse_json(text);
  if (!document.is_object()) {
    return refuse(endpoint.origin() + " describes how to sign in with a document that can't be read.");
  }
  ProtectedResource resource;
  resource.resource = text_field(document, "resource").value_or("");
  if (!covers(resource.resource, endpoint)) {
    return refuse(endpoint.origin() + " describes how to sign in to another resource than " +
                  endpoint.to_string() + ".");
  }
  resource.authorization_servers =
      list_field(document, "authorization_servers").value_or(std::vector<std::string>());
  if (resource.authorization_servers.empty()) {
    return refuse(endpoint.origin() + " wants a sign-in and names no server to sign in to.");
  }
  resource.scopes_supported = list_field(document, "scopes_supported");
  return resource;
}

Result<AuthorizationServer> parse_authorization_server(std::string_view text,
                                                       const std::vector<std::string>& expected,
                                                       const UrlPolicy& policy) {
  const std::string& asked = expected.front();
  const auto document = parse_json(text);
  if (!document.is_object()) {
    return refuse("The sign-in server " + asked + " describes itself with a document that can't be read.");
  }
  AuthorizationServer server;
  server.issuer = text_field(document, "issuer").value_or("");
  if (!contains(expected, server.issuer)) {
    return refuse("What describes the sign-in server " + asked + " is the description of another one.");
  }
  const auto authorization = endpoint_field(document, "authorization_endpoint", policy);
  if (!authorization) return tl::make_unexpected(authorization.error());
  const auto token = endpoint_field(document, "token_endpoint", policy);
  if (!token) return tl::make_unexpected(token.error());
  if (!*authorization || !*token) {
    return refuse("The sign-in server " + asked + " does not say where to sign in.");
  }
  server.authorization_endpoint = **authorization;
  server.token_endpoint = **token;
  if (is_mix_up(server)) {
    return refuse("The sign-in server " + asked +
                  " sends people to another site to sign in, and wants the result.");
  }
  struct Optional {
    const char* name;
    std::optional<Url>& target;
  };
  for (const auto& [name, target] :
       {Optional{"registration_endpoint", server.registration_endpoint},
        Optional{"revocation_endpoint", server.revocation_endpoint},
        Optional{"device_authorization_endpoint", server.device_authorization_endpoint}}) {
    auto url = endpoint_field(document, name, policy);
    if (!url) return tl::make_unexpected(url.error());
    target = *std::move(url);
  }
  if (!contains(list_field(document, "code_challenge_methods_supported").value_or(std::vector<std::string>()),
                "S256")) {
    return refuse(
        "The sign-in server " + asked +
        " does not say that it protects sign-ins with PKCE (S256), so signing in there is not safe.");
  }
  server.scopes_supported = list_field(document, "scopes_supported").value_or(std::vector<std::string>());
  server.token_endpoint_auth_methods = list_field(document, "token_endpoint_auth_methods_supported");
  server.client_id_metadata_document_supported =
      true_field(document, "client_id_metadata_document_supported");
  server.iss_parameter_supported = true_field(document, "authorization_response_iss_parameter_supported");
  return server;
}

AuthorizationServer documented_defaults(const Url& endpoint) {
  AuthorizationServer server;
  server.issuer = endpoint.origin();
  server.authorization_endpoint = endpoint.with_target("/authorize");
  server.token_endpoint = endpoint.with_target("/token");
  server.registration_endpoint = endpoint.with_target("/register");
  server.token_endpoint_auth_methods = std::vector<std::string>{"none"};
  return server;
}

}  // namespace clickflow::auth
