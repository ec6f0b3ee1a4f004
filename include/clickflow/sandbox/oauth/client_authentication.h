#pragma once

#include "clickflow/base/form.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/oauth/ledger.h"
#include "clickflow/sandbox/oauth/result.h"

namespace clickflow::sandbox {

/// The client that sends a form, once it has shown its secret in the way that it registered: not at all, with
/// HTTP Basic, or in the form (RFC 6749, section 2.3.1). `invalid_client` with 401 for one that is unknown or
/// does otherwise.
OAuthResult<OAuthClient> authenticate_client(Ledger& ledger, const Request& request, const Form& form);

}  // namespace clickflow::sandbox
