#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "clickflow/base/form.h"
#include "support/fake_http.h"

namespace clickflow::testing {

/// An authorization server as strict as the strictest: it checks PKCE, redirect URI, resource and client,
/// rotates refresh tokens, and revokes everything when one comes twice. It also serves the resource's
/// metadata. Any thread.
class FakeAuthorizationServer {
 public:
  /// Answers in `http` from now on.
  FakeAuthorizationServer(FakeHttp& http, std::string issuer, std::string resource);

  /// What the browser would do with the link, for a person who agrees: the query of the callback.
  std::string agree(const std::string& link);

  /// Whether the resource would take this token.
  bool takes(std::string_view access_token) const;
  std::string scope_of(std::string_view access_token) const;

  void expire_access_tokens();
  void revoke_everything();
  void forget_clients();

  // Set while no other thread calls.
  std::optional<int> token_status;  ///< instead of an answer of the token endpoint
  http::Headers token_headers;
  int expires_in = 3600;
  bool give_refresh_tokens = true;
  std::string resource_scopes;  ///< a JSON array for scopes_supported, or nothing
  std::string server_scopes;
  std::function<void()> during_refresh;  ///< called before the answer is made

  // What it has seen.
  std::atomic<int> registrations = 0;
  std::atomic<int> refreshes = 0;
  std::atomic<int> reuses = 0;

 private:
  struct Grant {
    std::string client_id, redirect_uri, challenge, scope;
  };

  Answer answer_metadata() const;
  Answer answer_resource() const;
  Answer answer_registration();
  Answer answer_token(const http::Request& request);
  Answer give_tokens(const std::string& client_id, const std::string& scope);

  const std::string issuer_;
  const std::string resource_;
  mutable std::mutex mutex_;
  std::set<std::string> clients_;
  std::map<std::string, Grant> codes_;
  std::map<std::string, std::string, std::less<>> access_tokens_;  // and their scope
  std::map<std::string, Grant> refresh_tokens_;
  std::set<std::string> used_refresh_tokens_;
  int serial_ = 0;
};

}  // namespace clickflow::testing
