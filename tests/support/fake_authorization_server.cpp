#include "support/fake_authorization_server.h"

#include "clickflow/auth/pkce.h"
#include "support/json.h"

namespace clickflow::testing {
namespace {

Answer error(int status, const char* code) {
  return {status, to_text({{"error", code}}), {}, {}};
}

std::string field(const Form& form, std::string_view name) {
  return std::string(form.get(name).value_or(""));
}

}  // namespace

FakeAuthorizationServer::FakeAuthorizationServer(FakeHttp& http, std::string issuer, std::string resource)
    : issuer_(std::move(issuer)), resource_(std::move(resource)) {
  const Url url = *Url::parse(resource_);
  http.handle(url.origin() + "/.well-known/oauth-protected-resource" + std::string(url.path()),
              [this](const http::Request&) { return answer_resource(); });
  http.handle(issuer_ + "/.well-known/oauth-authorization-server",
              [this](const http::Request&) { return answer_metadata(); });
  http.handle(issuer_ + "/register", [this](const http::Request&) { return answer_registration(); });
  http.handle(issuer_ + "/token", [this](const http::Request& request) { return answer_token(request); });
}

Answer FakeAuthorizationServer::answer_resource() const {
  Json document = {{"resource", resource_}, {"authorization_servers", {issuer_}}};
  if (!resource_scopes.empty()) document["scopes_supported"] = parse_json(resource_scopes);
  return {200, to_text(document), {}, {}};
}

Answer FakeAuthorizationServer::answer_metadata() const {
  Json document = {{"issuer", issuer_},
                   {"authorization_endpoint", issuer_ + "/authorize"},
                   {"token_endpoint", issuer_ + "/token"},
                   {"registration_endpoint", issuer_ + "/register"},
                   {"code_challenge_methods_supported", {"S256"}},
                   {"token_endpoint_auth_methods_supported", {"none"}},
                   {"authorization_response_iss_parameter_supported", true}};
  if (!server_scopes.empty()) document["scopes_supported"] = parse_json(server_scopes);
  return {200, to_text(document), {}, {}};
}

Answer FakeAuthorizationServer::answer_registration() {
  std::lock_guard lock(mutex_);
  const std::string id = "client-" + std::to_string(++registrations);
  clients_.insert(id);
  return {201, to_text({{"client_id", id}, {"token_endpoint_auth_method", "none"}}), {}, {}};
}

std::string FakeAuthorizationServer::agree(const std::string& link) {
  std::lock_guard lock(mutex_);
  const auto query = *Form::decode(link.substr(link.find('?') + 1));
  const std::string code = "code-" + std::to_string(++serial_);
  codes_[code] = {field(query, "client_id"), field(query, "redirect_uri"), field(query, "code_challenge"),
                  field(query, "scope")};
  return Form{{"code", code}, {"state", field(query, "state")}, {"iss", issuer_}}.encode();
}

Answer FakeAuthorizationServer::give_tokens(const std::string& client_id, const std::string& scope) {
  const std::string serial = std::to_string(++serial_) + "-of-" + issuer_;
  Json body = {{"access_token", "access-token-" + serial},
               {"token_type", "Bearer"},
               {"expires_in", expires_in},
               {"scope", scope}};
  access_tokens_["access-token-" + serial] = scope;
  if (give_refresh_tokens) {
    body["refresh_token"] = "refresh-token-" + serial;
    refresh_tokens_["refresh-token-" + serial] = {client_id, {}, {}, scope};
  }
  return {200, to_text(body), {}, {}};
}

Answer FakeAuthorizationServer::answer_token(const http::Request& request) {
  const auto form = *Form::decode(request.body);
  const bool is_refresh = field(form, "grant_type") == "refresh_token";
  if (is_refresh && during_refresh) during_refresh();
  std::lock_guard lock(mutex_);
  if (is_refresh) ++refreshes;
  if (token_status) return {*token_status, "", token_headers, {}};
  const std::string client_id = field(form, "client_id");
  if (!clients_.contains(client_id)) return error(401, "invalid_client");
  if (field(form, "resource") != resource_) return error(400, "invalid_target");
  if (!is_refresh) {
    const auto code = codes_.extract(field(form, "code"));
    if (code.empty() || code.mapped().client_id != client_id ||
        code.mapped().redirect_uri != field(form, "redirect_uri") ||
        code.mapped().challenge != auth::s256_challenge(field(form, "code_verifier"))) {
      return error(400, "invalid_grant");
    }
    return give_tokens(client_id, code.mapped().scope);
  }
  const std::string token = field(form, "refresh_token");
  if (used_refresh_tokens_.contains(token)) {
    ++reuses;
    refresh_tokens_.clear();
    access_tokens_.clear();
  }
  const auto grant = refresh_tokens_.extract(token);
  if (grant.empty() || grant.mapped().client_id != client_id) return error(400, "invalid_grant");
  used_refresh_tokens_.insert(token);
  return give_tokens(client_id, grant.mapped().scope);
}

bool FakeAuthorizationServer::takes(std::string_view access_token) const {
  std::lock_guard lock(mutex_);
  return access_tokens_.contains(access_token);
}

std::string FakeAuthorizationServer::scope_of(std::string_view access_token) const {
  std::lock_guard lock(mutex_);
  const auto found = access_tokens_.find(access_token);
  return found == access_tokens_.end() ? "" : found->second;
}

void FakeAuthorizationServer::expire_access_tokens() {
  std::lock_guard lock(mutex_);
  access_tokens_.clear();
}

void FakeAuthorizationServer::revoke_everything() {
  std::lock_guard lock(mutex_);
  access_tokens_.clear();
  refresh_tokens_.clear();
}

void FakeAuthorizationServer::forget_clients() {
  std::lock_guard lock(mutex_);
  clients_.clear();
}

}  // namespace clickflow::testing
