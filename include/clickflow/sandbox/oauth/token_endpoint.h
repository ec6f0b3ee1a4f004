#pragma once

#include "clickflow/base/form.h"
#include "clickflow/sandbox/counters.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/oauth/authorization_codes.h"
#include "clickflow/sandbox/oauth/device_codes.h"
#include "clickflow/sandbox/oauth/token_service.h"
#include "clickflow/sandbox/test_controls.h"

namespace clickflow::sandbox {

/// /oauth/token: what clients have becomes tokens. Any thread may call anything.
class TokenEndpoint {
 public:
  TokenEndpoint(std::string resource, Ledger& ledger, TokenService& tokens, AuthorizationCodes& codes,
                DeviceCodes& devices, Counters& counters, TestControls& controls);

  Reply handle(const Request& request);

 private:
  OAuthResult<IssuedTokens> grant(const Request& request, const Form& form);
  OAuthResult<IssuedTokens> redeem_code(const OAuthClient& client, const Form& form);
  OAuthResult<IssuedTokens> refresh(const OAuthClient& client, const Form& form);
  OAuthResult<IssuedTokens> redeem_device_code(const OAuthClient& client, const Form& form);

  const std::string resource_;
  Ledger& ledger_;
  TokenService& tokens_;
  AuthorizationCodes& codes_;
  DeviceCodes& devices_;
  Counters& counters_;
  TestControls& controls_;
};

}  // namespace clickflow::sandbox
