#include "clickflow/auth/discovery.h"

#include <algorithm>

#include "ask.h"
#include "clickflow/base/log.h"

namespace clickflow::auth {
namespace {

constexpr std::string_view protected_resource = "/.well-known/oauth-protected-resource";
constexpr std::string_view oauth_server = "/.well-known/oauth-authorization-server";
constexpr std::string_view openid_provider = "/.well-known/openid-configuration";

// Nobody has more in earnest, and a person waits.
constexpr size_t most_issuers = 4;

// Servers of 2025-03-26 may answer by it.
constexpr const char* protocol_version = "2025-11-25";

// A document, or nothing where the server has none at that place.
Result<std::optional<std::string>> get(http::Client& http, const Url& url, const Cancellation& cancellation) {
  http::Request request;
  request.url = url;
  request.headers = {{"Accept", "application/json"}, {"MCP-Protocol-Version", protocol_version}};
  auto response = ask(http, std::move(request), cancellation);
  if (!response) return tl::make_unexpected(response.error());
  const int status = response->head.status;
  if (is_transient(status)) {
    return fail(ErrorCode::rejected,
                url.origin() + " can't say just now how to sign in (status " + std::to_string(status) + ").",
                "Try again in a moment.");
  }
  log::debug("GET {}{}: {}", url.origin(), url.path(), status);
  if (status != 200) return std::nullopt;
  return std::move(response->body);
}

// The path without a slash at its end: "" at the root.
std::string bare_path(const Url& url) {
  std::string path(url.path());
  if (path.ends_with('/')) path.pop_back();
  return path;
}

void add_once(std::vector<Url>& urls, Url url) {
  const auto same = [&](const Url& other) { return other.to_string() == url.to_string(); };
  if (std::none_of(urls.begin(), urls.end(), same)) urls.push_back(std::move(url));
}

// RFC 9728's two places, then ClickFlow's: beside the endpoint.
std::vector<Url> resource_places(const Url& endpoint) {
  const std::string path = bare_path(endpoint);
  const std::string base = path.substr(0, path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
  std::vector<Url> places;
  add_once(places, endpoint.with_target(std::string(protected_resource) + path));
  add_once(places, endpoint.with_target(std::string(protected_resource)));
  add_once(places, endpoint.with_target(base + std::string(protected_resource)));
  return places;
}

std::vector<Url> issuer_places(const Url& issuer) {
  const std::string path = bare_path(issuer);
  std::vector<Url> places;
  add_once(places, issuer.with_target(std::string(oauth_server) + path));
  add_once(places, issuer.with_target(std::string(openid_provider) + path));
  add_once(places, issuer.with_target(path + std::string(openid_provider)));
  return places;
}

// The server's own description. Nothing where it has none; a document that is not acceptable is a failure
// only if no other place has a better one.
Result<std::optional<AuthorizationServer>> find_server(http::Client& http, const Url& issuer,
                                                       const std::vector<std::string>& expected,
                                                       const UrlPolicy& policy,
                                                       const Cancellation& cancellation) {
  std::optional<Error> problem;
  for (const Url& place : issuer_places(issuer)) {
    const auto document = get(http, place, cancellation);
    if (!document) return tl::make_unexpected(document.error());
    if (!*document) continue;
    auto server = parse_authorization_server(**document, expected, policy);
    if (server) return *std::move(server);
    if (!problem) problem = server.error();
  }
  if (problem) return tl::make_unexpected(*problem);
  return std::nullopt;
}

Result<std::optional<AuthorizationServer>> find_issuer(http::Client& http, const std::string& issuer,
                                                       const UrlPolicy& policy,
                                                       const Cancellation& cancellation) {
  const auto url = policy.accept(issuer, "authorization server");
  if (!url) return tl::make_unexpected(url.error());
  return find_server(http, *url, {issuer}, policy, cancellation);
}

tl::unexpected<Error> says_nothing(const std::string& issuer) {
  return fail(ErrorCode::protocol, "The sign-in server " + issuer + " does not say how to sign in there.",
              "Tell whoever runs the server.");
}

// The first that is fit for use; one that can't be asked just now is not passed over, since the person would
// end up signed in elsewhere.
Result<Discovery> choose_server(http::Client& http, ProtectedResource resource, std::string_view preferred,
                                const UrlPolicy& policy, const Cancellation& cancellation) {
  auto& issuers = resource.authorization_servers;
  std::stable_partition(issuers.begin(), issuers.end(),
                        [&](const std::string& issuer) { return issuer == preferred; });
  if (issuers.size() > most_issuers) issuers.resize(most_issuers);
  std::optional<Error> problem;
  for (const auto& issuer : issuers) {
    auto server = find_issuer(http, issuer, policy, cancellation);
    if (server && *server) {
      return Discovery{std::move(resource.resource), std::move(resource.scopes_supported),
                       **std::move(server)};
    }
    if (!server && server.error().code != ErrorCode::protocol) return tl::make_unexpected(server.error());
    if (!problem) problem = server ? says_nothing(issuer).value() : server.error();
  }
  return tl::make_unexpected(*problem);
}

// RFC 8707, section 2: the endpoint itself, without a slash that says nothing.
std::string canonical(const Url& endpoint) {
  return endpoint.target == "/" ? endpoint.origin() : endpoint.origin() + std::string(endpoint.path());
}

// A server of 2025-03-26 is its own authorization server, at the root of its origin. We derive that issuer,
// so both spellings of a root are it.
Result<Discovery> assume_2025_03_26(http::Client& http, const Url& endpoint, const UrlPolicy& policy,
                                    const Cancellation& cancellation) {
  const std::string origin = endpoint.origin();
  auto server = find_server(http, endpoint.with_target("/"), {origin, origin + "/"}, policy, cancellation);
  if (!server) return tl::make_unexpected(server.error());
  return Discovery{canonical(endpoint), std::nullopt, *server ? **server : documented_defaults(endpoint)};
}

}  // namespace

Result<Discovery> discover(http::Client& http, const Url& endpoint,
                           const std::optional<http::Challenge>& challenge, std::string_view preferred,
                           const Cancellation& cancellation) {
  const UrlPolicy policy(endpoint);
  std::vector<Url> places = resource_places(endpoint);
  std::optional<Error> problem;
  const auto named = challenge ? challenge->param("resource_metadata") : std::nullopt;
  if (named) {
    if (auto url = policy.accept(*named, "resource_metadata")) {
      std::erase_if(places, [&](const Url& place) { return place.to_string() == url->to_string(); });
      places.insert(places.begin(), *std::move(url));
    } else {
      problem = url.error();
      log::info("{}", problem->message());
    }
  }
  for (const Url& place : places) {
    const auto document = get(http, place, cancellation);
    if (!document) return tl::make_unexpected(document.error());
    if (!*document) continue;
    auto resource = parse_protected_resource(**document, endpoint);
    if (resource) return choose_server(http, *std::move(resource), preferred, policy, cancellation);
    if (!problem) problem = resource.error();
  }
  if (problem) return tl::make_unexpected(*problem);
  if (named) {
    return fail(ErrorCode::protocol, endpoint.origin() + " wants a sign-in, and does not say where.",
                "Tell whoever runs the server.");
  }
  return assume_2025_03_26(http, endpoint, policy, cancellation);
}

Result<AuthorizationServer> discover_issuer(http::Client& http, const Url& endpoint,
                                            const std::string& issuer, const Cancellation& cancellation) {
  auto server = find_issuer(http, issuer, UrlPolicy(endpoint), cancellation);
  if (!server) return tl::make_unexpected(server.error());
  if (*server) return **std::move(server);
  if (issuer == endpoint.origin()) return documented_defaults(endpoint);  // as discover() found it
  return says_nothing(issuer);
}

}  // namespace clickflow::auth
