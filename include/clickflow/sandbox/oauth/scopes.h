#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clickflow::sandbox {

using OAuthScopes = std::vector<std::string>;

/// `openid profile email offline_access`. What tools may be called is not among them: a person who has
/// signed in may call all.
const OAuthScopes& supported_scopes();

/// What a client gets that registers without naming any. Without `openid`, as with Clerk.
const OAuthScopes& default_scopes();

/// Those in a space-separated list, each once; nothing where one is not supported.
std::optional<OAuthScopes> parse_scopes(std::string_view text);

std::string to_string(const OAuthScopes& scopes);
bool contains(const OAuthScopes& scopes, std::string_view scope);
/// True where every one of `wanted` is in `granted`.
bool covers(const OAuthScopes& granted, const OAuthScopes& wanted);

}  // namespace clickflow::sandbox
