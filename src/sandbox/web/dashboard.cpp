#include "clickflow/sandbox/web/dashboard.h"

#include <algorithm>

#include "clickflow/base/log.h"
#include "clickflow/base/url.h"
#include "clickflow/sandbox/oauth/oauth_replies.h"
#include "clickflow/sandbox/request_origin.h"
#include "clickflow/sandbox/web/page.h"
#include "dashboard_pages.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t longest_name = 100;
constexpr size_t most_unseen = 100;

const std::string revoke_path = std::string(api_keys_path) + "/revoke";

Reply nothing_here() {
  return message_page(404, "There is nothing here", "The dashboard has one page: Settings › API Keys.",
                      "Go to /dashboard/settings/api-keys.");
}

}  // namespace

Dashboard::Dashboard(std::string origin, ApiKeys& keys, Clock clock)
    : origin_(std::move(origin)),
      keys_(keys),
      clock_(clock),
      sessions_("clickflow_dashboard_" + std::to_string(Url::parse(origin_)->port), clock) {}

bool Dashboard::has(const std::string& path) {
  return path == "/" || path == "/dashboard" || path.starts_with("/dashboard/");
}

Reply Dashboard::handle(const Request& request) {
  if (!comes_from_this_machine(request)) {
    return message_page(403, "Not from here", "Only this machine may use the sandbox.",
                        "Open it by 127.0.0.1.");
  }
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  if (is_get && (request.path == "/" || request.path == "/dashboard" || request.path == "/dashboard/")) {
    return see_other(api_keys_path);
  }
  const BrowserSession session = sessions_.open(request);
  if (is_get && request.path == api_keys_path) return sessions_.keep(list(session), session);
  if (is_get && request.path == revoke_path) {
    const auto query = read_query(request);
    return sessions_.keep(ask_to_revoke(session, query ? field(*query, "id") : ""), session);
  }
  if (request.method != "POST" || (request.path != api_keys_path && request.path != revoke_path)) {
    return nothing_here();
  }
  const auto form = read_form(request);
  if (!form || !BrowserSessions::is_own_form(session, request, *form, origin_)) return expired_form_page();
  return request.path == revoke_path ? revoke(*form) : create(session, *form);
}

Reply Dashboard::list(const BrowserSession& session) {
  auto keys = keys_.list();
  if (!keys) return failure_page(keys.error());
  ApiKeysPage page{*std::move(keys), clock_(), {}, ""};
  {
    std::lock_guard guard(mutex_);
    if (auto made = made_.extract(session.id)) page.made = std::move(made.mapped());
  }
  return api_keys_page(session, page);
}

Reply Dashboard::create(const BrowserSession& session, const Form& form) {
  NewApiKey wanted;
  wanted.name = field(form, "name");
  wanted.organization = field(form, "organization");
  for (const auto& scope : offered_scopes()) {
    if (form.get(scope)) wanted.scopes.push_back(*mcp::Scope::parse(scope));
  }
  std::string mistake;
  if (const std::string expires = field(form, "expires"); !expires.empty()) {
    const auto duration = parse_duration(expires);
    if (!duration) mistake = duration.error().message();
    if (duration) wanted.expires = clock_() + *duration;
  }
  if (wanted.name.empty() || wanted.name.size() > longest_name)
    mistake = "Give the key a name of at most 100 letters.";
  if (!people().front().is_member_of(wanted.organization)) mistake = "Choose one of your organizations.";
  if (wanted.scopes.empty()) mistake = "Choose at least one scope, or the key could do nothing.";
  if (!mistake.empty()) {
    auto keys = keys_.list();
    if (!keys) return failure_page(keys.error());
    return api_keys_page(session, {*std::move(keys), clock_(), {}, mistake});
  }
  auto made = keys_.create(wanted);
  if (!made) return failure_page(made.error());
  {
    std::lock_guard guard(mutex_);
    if (made_.size() >= most_unseen) made_.clear();  // somebody makes keys and never looks
    made_[session.id] = made->secret;
  }
  return see_other(api_keys_path);  // so that loading the page again neither makes nor shows a key again
}

Reply Dashboard::ask_to_revoke(const BrowserSession& session, const std::string& id) {
  const auto keys = keys_.list();
  if (!keys) return failure_page(keys.error());
  const auto key = std::find_if(keys->begin(), keys->end(), [&](const ApiKey& one) { return one.id == id; });
  if (key == keys->end()) return nothing_here();
  return revoke_page(session, *key);
}

Reply Dashboard::revoke(const Form& form) {
  if (const auto revoked = keys_.revoke(field(form, "id")); !revoked) return failure_page(revoked.error());
  return see_other(api_keys_path);
}

}  // namespace clickflow::sandbox
