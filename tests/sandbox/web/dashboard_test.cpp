#include "clickflow/sandbox/web/dashboard.h"

#include "../oauth/support.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;

namespace {

constexpr const char* page = "/dashboard/settings/api-keys";

struct Desk {
  Folder folder;
  Hands hands;
  ApiKeys keys{folder.path() / "keys.json", hands.clock()};
  Dashboard dashboard{"http://127.0.0.1:8787", keys, hands.clock()};
  std::string cookie;

  Reply send(const char* method, const std::string& target, const Fields& fields = {},
             std::map<std::string, std::string> headers = {}) {
    if (!cookie.empty()) headers.emplace("cookie", cookie);
    headers.emplace("content-type", "application/x-www-form-urlencoded");
    Reply reply = dashboard.handle(
        {method, target.substr(0, target.find('?')), std::move(headers), form_of(fields).encode(), target});
    const std::string set = header(reply, "Set-Cookie");
    if (!set.empty()) cookie = set.substr(0, set.find(';'));
    return reply;
  }
  std::string token() { return between(send("GET", page).body, R"(name="form_token" value=")", "\""); }
  Fields new_key(const std::string& form_token) {
    return {{"form_token", form_token}, {"name", "Reporting"},      {"organization", "org_xyz789"},
            {"expires", "7d"},          {"tools:platform.*", "on"}, {"tools:workflows.get_status", "on"}};
  }
};

}  // namespace

TEST_CASE("A key is made on the dashboard, seen once, and works") {
  Desk desk;
  CHECK(has(desk.send("GET", page).body, "There are none yet."));
  const Reply made = desk.send("POST", page, desk.new_key(desk.token()));
  CHECK(made.status == 303);
  CHECK(header(made, "Location") == page);
  const std::string shown = desk.send("GET", page).body;
  const std::string key = "cf_ak_" + between(shown, ">cf_ak_", "<").substr(0, 32);
  CHECK(desk.keys.authenticate(key));
  const std::string again = desk.send("GET", page).body;
  CHECK_FALSE(has(again, key));
  CHECK(has(again, key.substr(0, 10)));

  const ApiKey kept = desk.keys.list()->front();
  CHECK(kept.name == "Reporting");
  CHECK(kept.organization == "org_xyz789");
  CHECK(kept.expires == desk.hands.now() + std::chrono::hours(7 * 24));
  REQUIRE(kept.scopes.size() == 2);
  CHECK(kept.scopes[0].text() == "tools:platform.*");
  CHECK(kept.scopes[1].text() == "tools:workflows.get_status");
}

TEST_CASE("Another browser does not see the new key") {
  Desk desk;
  desk.send("POST", page, desk.new_key(desk.token()));
  const std::string mine = std::exchange(desk.cookie, "");
  CHECK_FALSE(has(desk.send("GET", page).body, "It is shown only this once"));
  desk.cookie = mine;
  CHECK(has(desk.send("GET", page).body, "It is shown only this once"));
}

TEST_CASE("The list shows how each key is doing") {
  Desk desk;
  desk.send("POST", page, desk.new_key(desk.token()));
  desk.send("GET", page);
  CHECK(has(desk.send("GET", page).body, ">Never</td>"));  // used
  const auto made = desk.keys.create({"<i>Other</i>", "org_abc123", {*mcp::Scope::parse("tools:*")}, {}});
  desk.keys.authenticate(made->secret.expose());
  desk.hands.move(std::chrono::hours(3));
  const std::string list = desk.send("GET", page).body;
  CHECK(has(list, "3 hours ago"));
  CHECK(has(list, "Fabrikam Outdoors"));
  CHECK(has(list, R"(<span class="pill active">active</span>)"));
  CHECK(has(list, "&lt;i&gt;Other&lt;/i&gt;"));
  CHECK_FALSE(has(list, "<i>"));
  desk.hands.move(std::chrono::hours(24 * 8));
  CHECK(has(desk.send("GET", page).body, R"(<span class="pill expired">expired</span>)"));
}

TEST_CASE("A key is revoked after a question") {
  Desk desk;
  const auto made = desk.keys.create({"Old", "org_abc123", {*mcp::Scope::parse("tools:*")}, {}});
  const std::string revoke = std::string(page) + "/revoke";
  const Reply question = desk.send("GET", revoke + "?id=" + made->key.id);
  CHECK(question.status == 200);
  CHECK(has(question.body, "Revoke “Old”?"));
  CHECK(desk.keys.authenticate(made->secret.expose()));
  const std::string token = between(question.body, R"(name="form_token" value=")", "\"");
  CHECK(desk.send("POST", revoke, {{"form_token", token}, {"id", made->key.id}}).status == 303);
  CHECK_FALSE(desk.keys.authenticate(made->secret.expose()));
  CHECK(has(desk.send("GET", page).body, R"(<span class="pill revoked">revoked</span>)"));
  CHECK(desk.send("GET", revoke + "?id=key_of_nobody").status == 404);
}

TEST_CASE("A form with a mistake makes no key and says what is missing") {
  Desk desk;
  const std::string token = desk.token();
  const auto refused = [&](const Fields& fields, const char* words) {
    const Reply reply = desk.send("POST", page, fields);
    CHECK(reply.status == 400);
    CHECK(has(reply.body, words));
  };
  refused(with(desk.new_key(token), "name", ""), "Give the key a name");
  refused(with(desk.new_key(token), "name", std::string(101, 'x').c_str()), "Give the key a name");
  refused(with(desk.new_key(token), "organization", "org_of_others"), "Choose one of your organizations");
  refused(with(desk.new_key(token), "expires", "soon"), "not a length of time");
  refused(with(with(desk.new_key(token), "tools:platform.*", nullptr), "tools:workflows.get_status", nullptr),
          "Choose at least one scope");
  CHECK(desk.keys.list()->empty());
}

TEST_CASE("No other page can make or revoke a key") {
  Desk desk;
  const std::string token = desk.token();
  const auto made = desk.keys.create({"Old", "org_abc123", {*mcp::Scope::parse("tools:*")}, {}});
  const std::string revoke = std::string(page) + "/revoke";
  CHECK(desk.send("POST", page, with(desk.new_key(token), "form_token", "guessed")).status == 403);
  CHECK(desk.send("POST", page, with(desk.new_key(token), "form_token", nullptr)).status == 403);
  CHECK(desk.send("POST", page, desk.new_key(token), {{"origin", "http://127.0.0.1:8788"}}).status == 403);
  CHECK(desk.send("POST", page, desk.new_key(token), {{"origin", "null"}}).status == 403);
  CHECK(desk.send("GET", page, {}, {{"host", "evil.example:8787"}}).status == 403);
  CHECK(desk.send("POST", revoke, {{"id", made->key.id}}).status == 403);
  CHECK(desk.send("GET", revoke + "?id=" + made->key.id + "&form_token=" + token).status ==
        200);  // only asks
  desk.cookie.clear();
  CHECK(desk.send("POST", page, desk.new_key(token)).status == 403);
  CHECK(desk.keys.list()->size() == 1);
  CHECK(desk.keys.authenticate(made->secret.expose()));
}

TEST_CASE("The dashboard is found from the front door, and runs no scripts") {
  Desk desk;
  CHECK(header(desk.send("GET", "/"), "Location") == page);
  CHECK(header(desk.send("GET", "/dashboard"), "Location") == page);
  CHECK(desk.send("GET", "/dashboard/settings").status == 404);
  const Reply shown = desk.send("GET", page);
  CHECK(has(header(shown, "Content-Security-Policy"), "default-src 'none'"));
  CHECK_FALSE(has(shown.body, "<script"));
}
