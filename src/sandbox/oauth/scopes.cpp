#include "clickflow/sandbox/oauth/scopes.h"

#include <algorithm>

namespace clickflow::sandbox {

const OAuthScopes& supported_scopes() {
  static const OAuthScopes scopes{"openid", "profile", "email", "offline_access"};
  return scopes;
}

const OAuthScopes& default_scopes() {
  static const OAuthScopes scopes{"email", "offline_access", "profile"};
  return scopes;
}

std::optional<OAuthScopes> parse_scopes(std::string_view text) {
  OAuthScopes scopes;
  while (!text.empty()) {
    const std::string_view scope = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(scope.size() + 1, text.size()));
    if (scope.empty() || contains(scopes, scope)) continue;
    if (!contains(supported_scopes(), scope)) return std::nullopt;
    scopes.emplace_back(scope);
  }
  return scopes;
}

std::string to_string(const OAuthScopes& scopes) {
  std::string text;
  for (const auto& scope : scopes) text += (text.empty() ? "" : " ") + scope;
  return text;
}

bool contains(const OAuthScopes& scopes, std::string_view scope) {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

bool covers(const OAuthScopes& granted, const OAuthScopes& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const auto& scope) { return contains(granted, scope); });
}

}  // namespace clickflow::sandbox
