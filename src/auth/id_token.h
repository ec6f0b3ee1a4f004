#pragma once

#include <string>
#include <string_view>

namespace clickflow::auth {

/// Who signed in, in words for a person: the email, name or subject of an id token, printable and at most 100
/// characters long; empty where the token is not for this client. It came from the token endpoint over TLS,
/// which is enough without its signature (OpenID Connect Core, section 3.1.3.7), and it is only ever shown.
std::string account_of(std::string_view id_token, std::string_view issuer, std::string_view client_id);

}  // namespace clickflow::auth
