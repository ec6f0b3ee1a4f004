#include "clickflow/auth/device_grant.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "json_fields.h"
#include "token_request.h"

namespace clickflow::auth {
namespace {

using Kind = TokenFailure::Kind;
using std::chrono::seconds;

constexpr int64_t shortest_interval = 1;
constexpr int64_t longest_interval = 60;
constexpr int64_t longest_life = 3600;
constexpr size_t longest_user_code = 64;

tl::unexpected<TokenFailure> give_up(ErrorCode code, std::string what, std::string remedy) {
  return tl::make_unexpected(TokenFailure{Kind::refused, {code, std::move(what), std::move(remedy)}});
}

tl::unexpected<TokenFailure> expired() {
  return give_up(ErrorCode::timed_out, "The code was not entered in time.", "Start the sign-in again.");
}

bool is_printable(const std::string& text) {
  return !text.empty() && text.size() <= longest_user_code &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// The link as the server wrote it, if it is one that a person may be sent to.
std::optional<std::string> link_field(const Json& body, const char* name, const UrlPolicy& policy) {
  auto text = text_field(body, name);
  if (!text || !policy.accept(*text, name)) return std::nullopt;
  return text;
}

}  // namespace

Result<void> check_device_grant(const AuthorizationServer& server) {
  if (server.device_authorization_endpoint) return {};
  return fail(ErrorCode::rejected,
              "The sign-in server " + server.issuer + " does not offer sign-ins on another device.",
              "Use --no-browser in place of --device.");
}

TokenResult<DeviceCode> start_device_grant(http::Client& http, const AuthorizationServer& server,
                                           const OAuthClient& client, const std::string& scope,
                                           const std::string& resource, const UrlPolicy& policy,
                                           const Clock& clock, const Cancellation& cancellation) {
  if (const auto offered = check_device_grant(server); !offered)
    return tl::make_unexpected(TokenFailure{Kind::refused, offered.error()});
  Form form{{"resource", resource}};
  if (!scope.empty()) form.add("scope", scope);
  const auto response =
      post_form(http, *server.device_authorization_endpoint, client, std::move(form), cancellation);
  if (!response) return tl::make_unexpected(response.error());
  const auto body = parse_json(response->body);
  const auto device_code = text_field(body, "device_code");
  const auto user_code = text_field(body, "user_code");
  const auto link = link_field(body, "verification_uri", policy);
  if (!device_code || device_code->empty() || !user_code || !is_printable(*user_code) || !link) {
    return give_up(ErrorCode::protocol,
                   "The sign-in server " + server.issuer + " gave no code that could be used.",
                   "Use --no-browser in place of --device.");
  }
  DeviceCode code;
  code.device_code = Secret(*device_code);
  code.user_code = *user_code;
  code.verification_uri = *link;
  code.verification_uri_complete = link_field(body, "verification_uri_complete", policy);
  code.expires_at = clock.now() + seconds(std::clamp<int64_t>(number_field(body, "expires_in").value_or(600),
                                                              1, longest_life));
  code.interval = seconds(
      std::clamp<int64_t>(number_field(body, "interval").value_or(5), shortest_interval, longest_interval));
  return code;
}

TokenResult<TokenResponse> wait_for_device(http::Client& http, const AuthorizationServer& server,
                                           const OAuthClient& client, const DeviceCode& code,
                                           const std::string& scope, const std::string& resource,
                                           Clock& clock, const Cancellation& cancellation) {
  seconds interval = code.interval;
  for (;;) {
    if (clock.now() + interval >= code.expires_at) return expired();
    if (!clock.sleep(interval, cancellation)) {
      return give_up(ErrorCode::cancelled, "The sign-in was cancelled.", "Start it again when you like.");
    }
    Form form{{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
              {"device_code", std::string(code.device_code.expose())},
              {"resource", resource}};
    auto response = post_form(http, server.token_endpoint, client, std::move(form), cancellation);
    if (response) return read_tokens(*std::move(response), client, scope, clock.now());
    const auto& failure = response.error();
    if (failure.code == "authorization_pending") continue;
    if (failure.code == "slow_down") {
      interval += seconds(5);
    } else if (failure.code == "expired_token") {
      return expired();
    } else if (failure.code == "access_denied") {
      return give_up(ErrorCode::rejected, "The sign-in was declined.",
                     "Sign in again if that was a mistake.");
    } else if (failure.error.code == ErrorCode::cancelled || failure.kind != Kind::transient) {
      return tl::make_unexpected(failure);
    } else {
      interval = std::max(interval * 2, failure.retry_after.value_or(seconds(0)));  // RFC 8628, section 3.5
    }
  }
}

}  // namespace clickflow::auth
