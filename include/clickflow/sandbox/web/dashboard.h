#pragma once

#include <map>
#include <mutex>
#include <string>

#include "clickflow/base/secret.h"
#include "clickflow/sandbox/api_keys.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/web/browser_sessions.h"

namespace clickflow::sandbox {

/// Dashboard > Settings > API Keys, under /dashboard on the resource's port. It has no sign-in: whoever can
/// reach it could sign in as anybody. Any thread may call anything.
class Dashboard {
 public:
  /// `origin` is where it is, as in `http://127.0.0.1:8787`.
  Dashboard(std::string origin, ApiKeys& keys, Clock clock);

  static bool has(const std::string& path);
  Reply handle(const Request& request);

 private:
  Reply list(const BrowserSession& session);
  Reply create(const BrowserSession& session, const Form& form);
  Reply ask_to_revoke(const BrowserSession& session, const std::string& id);
  Reply revoke(const Form& form);

  const std::string origin_;
  ApiKeys& keys_;
  const Clock clock_;
  BrowserSessions sessions_;
  std::mutex mutex_;
  std::map<std::string, Secret> made_;  // by session: a new key, until it has been shown
};

}  // namespace clickflow::sandbox
