#pragma once

#include <string>

#include "clickflow/base/error.h"
#include "clickflow/base/url.h"

namespace clickflow::auth {

/// An authorization request (RFC 6749, section 4.1.1; RFC 7636; RFC 8707).
struct AuthorizationRequest {
  Url endpoint;
  std::string client_id;
  std::string redirect_uri;  ///< byte for byte as at the token endpoint later
  std::string scope;         ///< left out where it is empty
  std::string state;
  std::string code_challenge;
  std::string resource;  ///< as the resource spells it
};

/// The link to open. It is https, or http on loopback, has at most 8 KiB, and is made of characters that no
/// opener or shell takes for anything else. `protocol` where the endpoint's own spelling prevents that, or
/// where its query already holds a parameter that we send: a server would read one, and the person be shown
/// the other.
Result<std::string> authorization_url(const AuthorizationRequest& request);

}  // namespace clickflow::auth
