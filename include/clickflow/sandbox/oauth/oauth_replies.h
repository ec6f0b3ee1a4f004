#pragma once

#include "clickflow/base/form.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/json.h"
#include "clickflow/sandbox/oauth/result.h"

namespace clickflow::sandbox {

/// JSON that nobody may keep (RFC 6749, section 5.1).
Reply private_json(int status, const Json& json);

/// `{"error": …, "error_description": …}`.
Reply oauth_error(const OAuthError& error);

/// The fields of a form body. `invalid_request` for anything else, and where a parameter comes twice (RFC
/// 6749, section 3.2; there is one resource, so that is no exception).
OAuthResult<Form> read_form(const Request& request);

/// The fields of the query, with the same rule.
OAuthResult<Form> read_query(const Request& request);

/// The field's value; empty where there is none.
std::string field(const Form& form, std::string_view name);

}  // namespace clickflow::sandbox
