#include "dashboard_pages.h"

#include <algorithm>

#include "clickflow/sandbox/tools.h"
#include "clickflow/sandbox/web/page.h"

namespace clickflow::sandbox {
namespace {

std::vector<std::string> namespaces() {
  std::vector<std::string> names;
  for (const Tool& tool : all_tools()) {
    const std::string name = std::string(tool.name).substr(0, std::string(tool.name).find('.'));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string span(std::chrono::seconds time) {
  const auto say = [](int64_t count, const char* unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  const int64_t seconds = time.count();
  const auto rounded = [&](int64_t unit) { return (seconds + unit / 2) / unit; };
  if (seconds < 60) return "a moment";
  if (rounded(60) < 60) return say(rounded(60), "minute");
  if (rounded(3600) < 48) return say(rounded(3600), "hour");
  return say(rounded(86400), "day");
}

Html when(const std::optional<Time>& time, Time now, const char* otherwise) {
  if (!time) return html("{}", std::string(otherwise));
  const auto distance = std::chrono::duration_cast<std::chrono::seconds>(*time - now);
  const std::string words = distance.count() > 0 ? "in " + span(distance) : span(-distance) + " ago";
  return html(R"(<time datetime="{}" title="{}">{}</time>)", format_time(*time), format_time(*time), words);
}

std::string organization_name(const std::string& id) {
  const auto* organization = find_organization(id);
  return organization ? organization->name : id;
}

Html scope_box(const std::string& scope, const std::string& meaning) {
  const size_t dot = std::min(scope.find('.'), scope.size() - 1);  // a long one breaks after it
  return html(
      R"(<label class="choice"><input type="checkbox" name="{}"><span><span class="mono">{}<wbr>{}</span>)"
      R"(<span class="hint">{}</span></span></label>)",
      scope, scope.substr(0, dot + 1), scope.substr(dot + 1), meaning);
}

Html scope_boxes() {
  Html groups;
  for (const auto& name : namespaces()) {
    Html boxes = scope_box("tools:" + name + ".*", "Every tool in " + name);
    for (const Tool& tool : all_tools()) {
      if (std::string_view(tool.name).starts_with(name + ".")) {
        boxes += scope_box(mcp::scope_for(tool.name), tool.title);
      }
    }
    groups += html("<div>{}</div>", boxes);
  }
  return html(R"(<fieldset class="field"><legend>Scopes</legend>
<p class="hint">What the key may call. Give it as little as it needs.</p>
<div class="choices">{}<div class="scopes">{}</div></div></fieldset>)",
              scope_box("tools:*", "Every tool"), groups);
}

Html creation_form(const BrowserSession& session) {
  Html options;
  for (const auto& organization : organizations()) {
    options += html(R"(<option value="{}">{}</option>)", organization.id, organization.name);
  }
  return html(R"(<section class="panel" aria-labelledby="new"><h2 id="new">Create a key</h2>
<form method="post" action="{}">{}
<div class="grid">
<div class="field"><label for="name">Name</label><input type="text" id="name" name="name" required maxlength="100" autocomplete="off" placeholder="What is it for?"></div>
<div class="field"><label for="organization">Default organization</label><select id="organization" name="organization">{}</select></div>
<div class="field"><label for="expires">Expires</label><select id="expires" name="expires">
<option value="1h">In 1 hour</option><option value="1d">In 1 day</option><option value="7d">In 7 days</option>
<option value="30d">In 30 days</option><option value="90d" selected>In 90 days</option><option value="365d">In 1 year</option>
<option value="">Never</option></select></div>
</div>{}
<div class="buttons"><button class="first" style="flex:0 1 auto">Create key</button></div>
</form></section>)",
              std::string(api_keys_path), hidden_input("form_token", session.form_token), options,
              scope_boxes());
}

Html row(const ApiKey& key, Time now) {
  const std::string status = key.status(now);
  Html scopes;
  for (const auto& scope : key.scopes) scopes += html(R"(<span class="mono small">{}</span>)", scope.text());
  const Html action =
      status == "active"
          ? html(R"(<a class="button slim" href="{}/revoke?id={}" aria-label="Revoke {}">Revoke</a>)",
                 std::string(api_keys_path), key.id, key.name)
          : Html();
  return html(
      R"(<tr{}><td><b>{}</b><span class="mono soft small">{}…</span></td><td><span class="pill {}">{}</span></td>
<td data-label="Scopes">{}</td><td data-label="Organization">{}</td><td data-label="Expires">{}</td><td data-label="Last used">{}</td><td>{}</td></tr>)",
      status == "active" ? Html() : Html(R"( class="dim")"), key.name, key.start, status, status, scopes,
      organization_name(key.organization), when(key.expires, now, "Never"), when(key.last_used, now, "Never"),
      action);
}

Html key_table(const ApiKeysPage& page) {
  if (page.keys.empty()) {
    return R"(<section class="panel"><h2>Your keys</h2><p class="lead">There are none yet.</p></section>)";
  }
  Html rows;
  for (auto key = page.keys.rbegin(); key != page.keys.rend(); ++key) rows += row(*key, page.now);
  return html(R"(<section class="panel" aria-labelledby="keys"><h2 id="keys">Your keys</h2>
<table><thead><tr><th>Name</th><th>Status</th><th>Scopes</th><th>Organization</th><th>Expires</th><th>Last used</th><th><span class="hidden">Action</span></th></tr></thead>
<tbody>{}</tbody></table></section>)",
              rows);
}

Html made_note(const std::optional<Secret>& made) {
  if (!made) return {};
  return html(R"(<section class="panel made" role="status"><h2>Your new key</h2>
<p>Copy it now and keep it safe. It is shown only this once: nobody can look it up later.</p>
<code class="secret" tabindex="0" aria-label="The key">{}</code></section>)",
              made->expose());
}

}  // namespace

std::vector<std::string> offered_scopes() {
  std::vector<std::string> scopes{"tools:*"};
  for (const auto& name : namespaces()) scopes.push_back("tools:" + name + ".*");
  for (const Tool& tool : all_tools()) scopes.push_back(mcp::scope_for(tool.name));
  return scopes;
}

Reply api_keys_page(const BrowserSession& session, const ApiKeysPage& page) {
  return page_reply(
      page.mistake.empty() ? 200 : 400, "API keys",
      html(R"(<nav class="crumbs" aria-label="Where you are">Dashboard › Settings › API Keys</nav>
<h1>API keys</h1>
<p class="lead">A key works with MCP and with REST, wherever a browser can’t sign in. It may do what its scopes say.</p>
{}{}{}{})",
           mistake_note(page.mistake), made_note(page.made), key_table(page), creation_form(session)),
      PageWidth::wide);
}

Reply revoke_page(const BrowserSession& session, const ApiKey& key) {
  return page_reply(
      200, "Revoke a key",
      html(R"(<h1>Revoke “{}”?</h1>
<p class="lead">Whoever uses <span class="mono">{}…</span> gets 401 from then on. This can’t be undone.</p>
<form method="post" action="{}/revoke">{}{}
<div class="buttons"><a class="button" href="{}">Keep it</a><button class="danger">Revoke</button></div></form>)",
           key.name, key.start, std::string(api_keys_path), hidden_input("form_token", session.form_token),
           hidden_input("id", key.id), std::string(api_keys_path)));
}

}  // namespace clickflow::sandbox
