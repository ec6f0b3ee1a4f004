#pragma once

#include <optional>

#include "clickflow/auth/oauth_client.h"
#include "json_fields.h"

/// What is stored in the keychain, as JSON with a version. Later versions of the program may add members; one
/// that changes the meaning of a member raises the version.
namespace clickflow::auth {

constexpr int stored_version = 1;

/// The object in `text`, if it is one of a version that we know.
Result<Json> parse_stored(const Secret& text);
tl::unexpected<Error> damaged();

Secret dump_stored(const Json& object);

Json client_to_json(const OAuthClient& client);
std::optional<OAuthClient> client_from_json(const Json& object);

int64_t to_seconds(TimePoint time);
TimePoint from_seconds(int64_t seconds);

}  // namespace clickflow::auth
