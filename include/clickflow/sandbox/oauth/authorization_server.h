#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "clickflow/sandbox/counters.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/oauth/authorization_codes.h"
#include "clickflow/sandbox/oauth/device_codes.h"
#include "clickflow/sandbox/oauth/ledger.h"
#include "clickflow/sandbox/oauth/settings.h"
#include "clickflow/sandbox/oauth/sign_in_desk.h"
#include "clickflow/sandbox/oauth/signing_key.h"
#include "clickflow/sandbox/oauth/token_endpoint.h"
#include "clickflow/sandbox/oauth/token_service.h"
#include "clickflow/sandbox/test_controls.h"

namespace clickflow::sandbox {

/// What Clerk is to ClickFlow: where people sign in, and where tokens for one resource come from. OAuth 2.1
/// with metadata (RFC 8414 and OpenID Connect Discovery), dynamic registration (RFC 7591), revocation (RFC
/// 7009), the device grant (RFC 8628), resource indicators (RFC 8707) and `iss` in its answers (RFC 9207), at
/// Clerk's paths. Any thread may call anything.
class AuthorizationServer {
 public:
  struct Place {
    std::string issuer;          ///< its origin, as in `http://127.0.0.1:8788`
    std::string resource;        ///< `http://127.0.0.1:8787/v1/mcp`
    std::filesystem::path data;  ///< the folder of its key and its ledger
  };
  AuthorizationServer(const Place& place, const OAuthSettings& settings, const Clock& clock,
                      Counters& counters, bool test_controls);

  /// Never throws: what goes wrong inside is logged and becomes a 500.
  Reply handle(const Request& request);

  /// Who an access token stands for; nothing for any other text.
  std::optional<Caller> caller_of(std::string_view access_token);

  const std::string& issuer() const { return place_.issuer; }
  TestControls& controls() { return controls_; }
  TokenService& tokens() { return tokens_; }
  /// `invalid_input` where the file of clients and grants is damaged.
  Result<void> check();

 private:
  Reply route(const Request& request);
  Json metadata() const;
  Reply registration(const Request& request);
  Reply revocation(const Request& request);
  Reply device_authorization(const Request& request);
  Reply userinfo(const Request& request);

  const Place place_;
  const OAuthSettings settings_;
  const Clock clock_;
  Counters& counters_;
  Ledger ledger_;
  SigningKey key_;
  TokenService tokens_;
  AuthorizationCodes codes_;
  DeviceCodes devices_;
  TestControls controls_;
  TokenEndpoint token_endpoint_;
  SignInDesk desk_;
};

}  // namespace clickflow::sandbox
