#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "clickflow/auth/token_endpoint.h"
#include "clickflow/auth/url_policy.h"

/// Signing in on another device (RFC 8628), for machines without a browser.
namespace clickflow::auth {

/// What to show to the person, and what to poll with.
struct DeviceCode {
  Secret device_code;
  std::string user_code;                                 ///< printable
  std::string verification_uri;                          ///< passed the policy
  std::optional<std::string> verification_uri_complete;  ///< the same, with the code in it
  TimePoint expires_at;
  std::chrono::seconds interval{5};
};

/// `rejected` where the server does not offer the grant: to be asked before the program is registered for it.
Result<void> check_device_grant(const AuthorizationServer& server);

/// `scope` is left out where it is empty. `refused` where the server does not offer the grant.
TokenResult<DeviceCode> start_device_grant(http::Client& http, const AuthorizationServer& server,
                                           const OAuthClient& client, const std::string& scope,
                                           const std::string& resource, const UrlPolicy& policy,
                                           const Clock& clock, const Cancellation& cancellation);

/// Polls until the person has decided, the code expires, or it is cancelled. Sleeps on the clock: `interval`
/// between two requests, 5 s more for good after each `slow_down`, and twice as much after a failure that is
/// transient.
TokenResult<TokenResponse> wait_for_device(http::Client& http, const AuthorizationServer& server,
                                           const OAuthClient& client, const DeviceCode& code,
                                           const std::string& scope, const std::string& resource,
                                           Clock& clock, const Cancellation& cancellation);

}  // namespace clickflow::auth
