#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clickflow/sandbox/json.h"
#include "clickflow/sandbox/oauth/signing_key.h"

namespace clickflow::sandbox {

/// A signed token (RFC 7519, RFC 7515 section 3.1). `type` becomes the header's `typ`.
std::string make_jwt(SigningKey& key, const char* type, const Json& claims);

/// The claims of a token of that type that this key has signed with RS256. Nothing for anything else: what
/// the header says only leads to a refusal, and never chooses the algorithm. Does not look at the claims.
std::optional<Json> read_jwt(SigningKey& key, std::string_view type, std::string_view token);

}  // namespace clickflow::sandbox
