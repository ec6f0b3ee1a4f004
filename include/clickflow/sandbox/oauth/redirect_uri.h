#pragma once

#include <string>
#include <string_view>

namespace clickflow::sandbox {

/// True for what a client may register (RFC 8252, section 7; OAuth 2.1, section 2.3.1): https, http on
/// loopback, or a scheme of the program's own, which has a dot in it. No fragment, no user information, no
/// white space or control characters, 2048 bytes at most.
bool may_register_redirect(std::string_view uri);

/// Character for character, but any port where both are http on the literal 127.0.0.1 or [::1] (RFC 8252,
/// section 7.3). The name localhost has no such freedom.
bool redirect_matches(std::string_view registered, std::string_view requested);

/// What CSP's form-action calls the place, so that a browser follows the redirect after a form.
std::string csp_source(std::string_view redirect_uri);

/// The host, or the scheme where there is none: what a person should see of where the answer goes.
std::string redirect_place(std::string_view redirect_uri);

}  // namespace clickflow::sandbox
