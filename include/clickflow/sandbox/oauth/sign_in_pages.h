#pragma once

#include <string>
#include <vector>

#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/oauth/scopes.h"
#include "clickflow/sandbox/web/browser_sessions.h"

/// What a person sees of the authorization server.
namespace clickflow::sandbox {

/// Choose somebody. `return_to` is where it goes on: a path of this server. `mistake` says what was wrong
/// with the last answer; empty at first.
Reply sign_in_page(const BrowserSession& session, const std::string& return_to, const std::string& mistake,
                   const std::string& form_target);

struct ConsentPage {
  std::string action;     ///< where the form goes
  std::string return_to;  ///< where it goes on when somebody else signs in
  std::string client;     ///< as it calls itself
  std::string place;      ///< to where the answer goes; empty for a device
  std::string user_code;  ///< of a device; empty otherwise
  std::string resource;
  OAuthScopes scopes;
  std::string form_target;
};
/// Allow or deny. Somebody must have signed in.
Reply consent_page(const BrowserSession& session, const ConsentPage& page);

/// Type the code that a device shows.
Reply device_page(const std::string& typed, const std::string& mistake);

}  // namespace clickflow::sandbox
