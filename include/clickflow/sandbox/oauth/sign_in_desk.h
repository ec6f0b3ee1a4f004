#pragma once

#include "clickflow/sandbox/counters.h"
#include "clickflow/sandbox/oauth/authorization_codes.h"
#include "clickflow/sandbox/oauth/authorization_request.h"
#include "clickflow/sandbox/oauth/device_codes.h"
#include "clickflow/sandbox/web/browser_sessions.h"

namespace clickflow::sandbox {

/// Where people sign in and decide: /sign-in, /sign-out, /oauth/authorize and /device. What is under way is
/// in the addresses and forms themselves, so nothing is lost by a restart but who was signed in. Any thread
/// may call anything.
class SignInDesk {
 public:
  SignInDesk(std::string issuer, std::string resource, Ledger& ledger, AuthorizationCodes& codes,
             DeviceCodes& devices, Counters& counters, Clock clock);

  Reply authorize(const Request& request);
  Reply device(const Request& request);
  Reply sign_in(const Request& request);
  Reply sign_out(const Request& request);

 private:
  Reply decide(const Request& request, const AuthorizationRequest& wanted, const BrowserSession& session);
  Reply decide_device(const Request& request, const std::string& user_code, const DeviceRequest& wanted,
                      const BrowserSession& session);
  tl::expected<Form, Reply> own_form(const Request& request, const BrowserSession& session) const;

  const std::string issuer_;
  const std::string resource_;
  Ledger& ledger_;
  AuthorizationCodes& codes_;
  DeviceCodes& devices_;
  Counters& counters_;
  BrowserSessions sessions_;
};

}  // namespace clickflow::sandbox
