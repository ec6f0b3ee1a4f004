#pragma once

#include <string>

#include "clickflow/base/form.h"
#include "clickflow/sandbox/oauth/ledger.h"
#include "clickflow/sandbox/oauth/result.h"

/// What several endpoints ask of a request.
namespace clickflow::sandbox {

/// `invalid_target` unless `resource` (RFC 8707) is that one.
OAuthResult<void> check_resource(const Form& form, const std::string& resource);

/// What `scope` asks for, or all that the client has registered where it is absent. `invalid_scope` for more.
OAuthResult<OAuthScopes> wanted_scopes(const Form& form, const OAuthClient& client);

}  // namespace clickflow::sandbox
