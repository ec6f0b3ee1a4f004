#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clickflow/base/secret.h"
#include "clickflow/sandbox/api_keys.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/web/browser_sessions.h"

namespace clickflow::sandbox {

inline constexpr const char* api_keys_path = "/dashboard/settings/api-keys";

/// The scopes that the page offers: every tool, every namespace, each tool.
std::vector<std::string> offered_scopes();

struct ApiKeysPage {
  std::vector<ApiKey> keys;
  Time now;
  std::optional<Secret> made;  ///< shown this once
  std::string mistake;         ///< what was wrong with the form; empty if nothing
};
Reply api_keys_page(const BrowserSession& session, const ApiKeysPage& page);

Reply revoke_page(const BrowserSession& session, const ApiKey& key);

}  // namespace clickflow::sandbox
