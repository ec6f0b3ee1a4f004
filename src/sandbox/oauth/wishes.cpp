#include "clickflow/sandbox/oauth/wishes.h"

#include "clickflow/sandbox/oauth/oauth_replies.h"

namespace clickflow::sandbox {

OAuthResult<void> check_resource(const Form& form, const std::string& resource) {
  if (field(form, "resource") == resource) return {};
  return refuse("invalid_target", "The resource (RFC 8707) must be " + resource);
}

OAuthResult<OAuthScopes> wanted_scopes(const Form& form, const OAuthClient& client) {
  if (!form.get("scope")) return client.scopes;
  auto scopes = parse_scopes(field(form, "scope"));
  if (!scopes || !covers(client.scopes, *scopes))
    return refuse("invalid_scope", "The client has registered: " + to_string(client.scopes));
  return *std::move(scopes);
}

}  // namespace clickflow::sandbox
