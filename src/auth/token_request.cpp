#include "token_request.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ask.h"
#include "clickflow/base/base64.h"
#include "clickflow/base/log.h"
#include "id_token.h"
#include "json_fields.h"

namespace clickflow::auth {
namespace {

using Kind = TokenFailure::Kind;

// Two of these and the rest of what is stored fit into a keychain entry.
constexpr size_t longest_token = 24 * 1024;
constexpr int64_t longest_life = 10LL * 365 * 24 * 3600;

// RFC 6749, section 5.2; short, since it is shown.
std::string error_code(const Json& body) {
  const std::string code = text_field(body, "error").value_or("");
  const bool fit =
      code.size() <= 64 && std::all_of(code.begin(), code.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
      });
  return fit ? code : "";
}

TokenFailure failure(const std::string& issuer, const http::ResponseHead& head, const std::string& code) {
  const std::string who = "The sign-in server " + issuer;
  if (is_transient(head.status)) {
    TokenFailure result{
        Kind::transient,
        {ErrorCode::rejected, who + " can't answer just now (status " + std::to_string(head.status) + ").",
         "Try again in a moment."},
        {},
        code};
    if (const auto wait = head.retry_after()) result.retry_after = std::chrono::seconds(*wait);
    return result;
  }
  // Clerk and others send 401 with it, too.
  if (code == "invalid_grant") {
    return {
        Kind::invalid_grant,
        {ErrorCode::unauthenticated, "Your sign-in at " + issuer + " is no longer valid.", "Sign in again."},
        {},
        code};
  }
  if (code == "invalid_client") {
    return {Kind::invalid_client,
            {ErrorCode::unauthenticated, who + " does not know this program (any more).",
             "Sign in again; if you gave a --client-id, check it and its secret."},
            {},
            code};
  }
  const std::string detail = code.empty() ? "status " + std::to_string(head.status) : code;
  return {Kind::refused,
          {ErrorCode::rejected, who + " refused (" + detail + ").",
           "Try again; if that does not help, sign in again."},
          {},
          code};
}

tl::unexpected<TokenFailure> nonsense(const std::string& issuer, std::string_view what) {
  return tl::make_unexpected(TokenFailure{
      Kind::refused,
      {ErrorCode::protocol, "The sign-in server " + issuer + " answered with " + std::string(what) + ".",
       "Tell whoever runs the server."}});
}

// Takes the text out, so that no copy stays behind.
std::optional<Secret> take_secret(Json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || !found->is_string()) return std::nullopt;
  auto& text = found->get_ref<std::string&>();
  if (text.empty()) return std::nullopt;
  Secret secret(text);
  OPENSSL_cleanse(text.data(), text.size());
  return secret;
}

}  // namespace

TokenResult<http::Response> post_form(http::Client& http, const Url& url, const OAuthClient& client,
                                      Form form, const Cancellation& cancellation) {
  http::Request request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Accept", "application/json"}};
  request.content_type = "application/x-www-form-urlencoded";
  switch (client.authentication) {
    case ClientAuthentication::client_secret_basic:
      // Form encoding comes first (RFC 6749, section 2.3.1).
      request.headers.add("Authorization", "Basic " + base64_encode(percent_encode(client.client_id) + ":" +
                                                                    percent_encode(client.secret.expose())));
      break;
    case ClientAuthentication::client_secret_post:
      form.add("client_id", client.client_id);
      form.add("client_secret", std::string(client.secret.expose()));
      break;
    case ClientAuthentication::none:
      form.add("client_id", client.client_id);
      break;
  }
  request.body = form.encode();
  auto response = ask(http, std::move(request), cancellation);
  if (!response) {
    const bool final =
        response.error().code == ErrorCode::protocol || response.error().code == ErrorCode::invalid_input;
    return tl::make_unexpected(TokenFailure{final ? Kind::refused : Kind::transient, response.error()});
  }
  const int status = response->head.status;
  if (status >= 200 && status < 300) return *std::move(response);
  auto body = parse_json(response->body);
  const std::string code = error_code(body);
  log::info("{}{}: status {} {}", url.origin(), url.path(), status, code);
  return tl::make_unexpected(failure(client.issuer, response->head, code));
}

TokenResult<TokenResponse> read_tokens(http::Response response, const OAuthClient& client,
                                       const std::string& asked_scope, TimePoint now) {
  auto body = parse_json(response.body);
  OPENSSL_cleanse(response.body.data(), response.body.size());
  if (!body.is_object()) return nonsense(client.issuer, "something that can't be read");
  if (body.contains("error")) {  // with status 200, as some do
    response.head.status = 400;
    return tl::make_unexpected(failure(client.issuer, response.head, error_code(body)));
  }
  auto access_token = take_secret(body, "access_token");
  if (!access_token || access_token->expose().size() > longest_token ||
      !http::is_valid_value(access_token->expose()) ||
      access_token->expose().find(' ') != std::string_view::npos) {
    return nonsense(client.issuer, "no token that could be used");
  }
  // RFC 6749, section 7.1: a token of a type that one does not understand must not be used.
  if (!http::equal_without_case(text_field(body, "token_type").value_or(""), "Bearer")) {
    return nonsense(client.issuer, "a token of a kind that this program does not know");
  }
  TokenResponse tokens;
  tokens.access_token = *std::move(access_token);
  tokens.refresh_token = take_secret(body, "refresh_token");
  if (tokens.refresh_token && tokens.refresh_token->expose().size() > longest_token) {
    return nonsense(client.issuer, "no token that could be used");
  }
  tokens.obtained_at = now;
  // Nobody gives out a token that has expired: 0 means that it isn't known.
  if (const auto life = number_field(body, "expires_in"); life && *life > 0) {
    tokens.expires_at = now + std::chrono::seconds(std::min(*life, longest_life));
  }
  tokens.scope = text_field(body, "scope").value_or(asked_scope);
  if (const auto id_token = take_secret(body, "id_token")) {
    tokens.account = account_of(id_token->expose(), client.issuer, client.client_id);
  }
  return tokens;
}

}  // namespace clickflow::auth
