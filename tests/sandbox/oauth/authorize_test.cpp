#include <catch2/generators/catch_generators.hpp>

#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;

TEST_CASE("A person signs in, chooses an organization, allows, and the code goes to the client") {
  AuthDesk desk;
  Browser browser(desk);
  const std::string link = authorize_link(authorize_fields(desk.client()));
  const Reply sign_in = browser.get(link);
  CHECK(sign_in.status == 200);
  CHECK(has(sign_in.body, "Ada Lindqvist"));
  const Reply consent = browser.sign_in(link);
  CHECK(consent.status == 200);
  CHECK(has(consent.body, "Test program"));
  CHECK(has(consent.body, resource));
  CHECK(has(consent.body, "Fabrikam Outdoors"));

  const Reply answer = browser.post(
      link,
      {{"form_token", Browser::token(consent.body)}, {"organization", "org_xyz789"}, {"decision", "allow"}});
  CHECK(answer.status == 303);
  const std::string back = header(answer, "Location");
  CHECK(back.starts_with(std::string(redirect) + "?"));
  const Form query = query_of(back);
  CHECK(query.get("state") == "a-long-state");
  CHECK(query.get("iss") == issuer);
  CHECK(query.get("code"));
  CHECK_FALSE(query.get("error"));
}

TEST_CASE("Whoever says no is believed, and the client hears it with iss and state") {
  AuthDesk desk;
  Browser browser(desk);
  const Form query = query_of(browser.decide(authorize_link(authorize_fields(desk.client())), "deny"));
  CHECK(query.get("error") == "access_denied");
  CHECK(query.get("state") == "a-long-state");
  CHECK(query.get("iss") == issuer);
  CHECK_FALSE(query.get("code"));
}

TEST_CASE("A request that is wrong goes back to the client with an error, and nobody is asked") {
  struct Case {
    const char* name;
    const char* value;
    const char* error;
  };
  const auto wrong = GENERATE(
      Case{"response_type", "token", "unsupported_response_type"},
      Case{"response_type", nullptr, "unsupported_response_type"},
      Case{"state", "1234567", "invalid_request"}, Case{"state", nullptr, "invalid_request"},
      Case{"code_challenge", nullptr, "invalid_request"}, Case{"code_challenge", "short", "invalid_request"},
      Case{"code_challenge_method", "plain", "invalid_request"},
      Case{"code_challenge_method", nullptr, "invalid_request"},
      Case{"resource", "http://127.0.0.1:8787/v1/mcp/", "invalid_target"},
      Case{"resource", nullptr, "invalid_target"},
      Case{"resource", "https://api.clickflow.com/v1/mcp", "invalid_target"},
      Case{"scope", "openid admin", "invalid_scope"}, Case{"prompt", "none", "login_required"});
  CAPTURE(wrong.name, wrong.value ? wrong.value : "(none)");
  AuthDesk desk;
  const Reply reply =
      desk.send("GET", authorize_link(with(authorize_fields(desk.client()), wrong.name, wrong.value)));
  CHECK(reply.status == 303);
  const std::string back = header(reply, "Location");
  CHECK(back.starts_with(std::string(redirect) + "?"));
  CHECK(query_of(back).get("error") == wrong.error);
  CHECK(query_of(back).get("iss") == issuer);
}

TEST_CASE("Where it is not known whom the browser would go back to, it stays") {
  AuthDesk desk;
  const std::string client = desk.client();
  const auto [name, value] = GENERATE(table<const char*, const char*>({
      {"client_id", "client_of_nobody"},
      {"client_id", nullptr},
      {"redirect_uri", nullptr},
      {"redirect_uri", "http://127.0.0.1:51234/other"},
      {"redirect_uri", "http://127.0.0.1:51234/callback/"},
      {"redirect_uri", "http://127.0.0.1:51234/callback?x=1"},
      {"redirect_uri", "http://localhost:51234/callback"},
      {"redirect_uri", "https://127.0.0.1:51234/callback"},
      {"redirect_uri", "http://127.0.0.1:51234@evil.example/callback"},
      {"redirect_uri", "http://127.0.0.1.evil.example/callback"},
      {"redirect_uri", "http://evil.example/callback"},
  }));
  CAPTURE(name, value ? value : "(none)");
  const Reply reply = desk.send("GET", authorize_link(with(authorize_fields(client), name, value)));
  CHECK(reply.status == 400);
  CHECK(header(reply, "Location").empty());
}

TEST_CASE("A parameter that comes twice is refused") {
  AuthDesk desk;
  const std::string client = desk.client();
  Fields fields = authorize_fields(client);
  fields.emplace_back("redirect_uri", "http://evil.example/");
  CHECK(desk.send("GET", authorize_link(fields)).status == 400);
  Fields twice = code_fields(client, "x");
  twice.emplace_back("code", "y");
  CHECK(json(desk.post("/oauth/token", twice)).at("error") == "invalid_request");
}

TEST_CASE("A client gets no scope that it has not registered") {
  AuthDesk desk;
  Json metadata = AuthDesk::public_client();
  metadata.erase("scope");
  const std::string client = json(desk.register_with(metadata)).at("client_id");
  const auto error = [&](const char* scope) {
    const Reply reply = desk.send("GET", authorize_link(with(authorize_fields(client), "scope", scope)));
    const std::string back = header(reply, "Location");
    return back.empty() ? "" : std::string(query_of(back).get("error").value_or(""));
  };
  CHECK(error("openid") == "invalid_scope");  // the classic one with Clerk
  CHECK(error("email profile offline_access").empty());
  CHECK(error(nullptr).empty());
}

TEST_CASE("No form counts that another page has made") {
  AuthDesk desk;
  Browser browser(desk);
  const std::string link = authorize_link(authorize_fields(desk.client()));
  const std::string page = browser.sign_in(link).body;
  const Fields right{
      {"form_token", Browser::token(page)}, {"organization", "org_abc123"}, {"decision", "allow"}};
  const auto sent = [&](const Fields& fields, std::map<std::string, std::string> headers) {
    return desk.post(link, fields, std::move(headers));
  };
  const auto cookie = browser.headers();
  CHECK(sent(with(right, "form_token", nullptr), cookie).status == 403);
  CHECK(sent(with(right, "form_token", "guessed"), cookie).status == 403);
  CHECK(sent(right, {}).status == 403);  // SameSite keeps the cookie back
  Browser other(desk);
  CHECK(sent(with(right, "form_token", Browser::token(other.get(link).body).c_str()), cookie).status == 403);
  auto foreign = cookie;
  foreign["origin"] = "http://127.0.0.1:9999";
  CHECK(sent(right, foreign).status == 403);
  auto own = cookie;
  own["origin"] = issuer;
  CHECK(sent(right, own).status == 303);
}

TEST_CASE("Signing in needs a form of its own, changes the cookie, and leads to nowhere else") {
  AuthDesk desk;
  Browser browser(desk);
  const std::string link = authorize_link(authorize_fields(desk.client()));
  const std::string page = browser.get(link).body;
  const Fields right{
      {"form_token", Browser::token(page)}, {"return_to", link}, {"email", "ada@northwind.example"}};
  const auto before = browser.headers();
  CHECK(browser.post("/sign-in", with(right, "form_token", "guessed")).status == 403);
  for (const char* elsewhere : {"https://evil.example/", "//evil.example/device", "/sign-out", "",
                                "/device\r\nX: y", "/oauth/authorize@evil.example", "\\evil"}) {
    CAPTURE(elsewhere);
    CHECK(browser.post("/sign-in", with(right, "return_to", elsewhere)).status == 403);
  }
  CHECK(browser.post("/sign-in", with(right, "email", "nobody@example.com")).status == 400);
  CHECK(browser.headers() == before);
  CHECK(browser.post("/sign-in", with(right, "email", "ADA@northwind.example")).status == 303);
  CHECK(browser.headers() != before);
  CHECK(
      has(desk.send("GET", link, "", before).body, "Choose who you want to be"));  // the old one is nobody's
}

TEST_CASE("Nobody can allow work in an organization that is not theirs") {
  AuthDesk desk;
  Browser browser(desk);
  const std::string link = authorize_link(authorize_fields(desk.client()));
  const std::string page = browser.sign_in(link, "ben@fabrikam.example").body;
  CHECK_FALSE(has(page, "Northwind"));
  const Reply reply = browser.post(
      link, {{"form_token", Browser::token(page)}, {"organization", "org_abc123"}, {"decision", "allow"}});
  CHECK(reply.status == 403);
}

TEST_CASE("What a client calls itself is text, on every page") {
  AuthDesk desk;
  Json metadata = AuthDesk::public_client();
  metadata["client_name"] = R"(<script>alert("x")</script>&'{})";
  const std::string client = json(desk.register_with(metadata)).at("client_id");
  Browser browser(desk);
  Fields fields = authorize_fields(client);
  fields.emplace_back("x", "\"><script>");
  const Reply sign_in = browser.get(authorize_link(fields));
  CHECK_FALSE(has(sign_in.body, "<script"));
  const Reply consent = browser.sign_in(authorize_link(fields));
  CHECK_FALSE(has(consent.body, "<script"));
  CHECK(has(consent.body, "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;{}"));
}

TEST_CASE("The pages run and load nothing, are kept by nobody, and can't be framed") {
  AuthDesk desk;
  Browser browser(desk);
  const std::string link = authorize_link(authorize_fields(desk.client()));
  for (const Reply& page : {browser.get(link), browser.sign_in(link), browser.get("/device"),
                            browser.get("/nothing"), browser.get("/oauth/authorize")}) {
    const std::string policy = header(page, "Content-Security-Policy");
    CHECK(has(policy, "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'"));
    CHECK(has(policy, "frame-ancestors 'none'"));
    CHECK(header(page, "Cache-Control") == "no-store");
    CHECK(header(page, "X-Frame-Options") == "DENY");
    CHECK(header(page, "X-Content-Type-Options") == "nosniff");
    CHECK_FALSE(has(page.body, "<script"));
    CHECK_FALSE(has(page.body, "http-equiv"));
  }
  CHECK(has(header(browser.get(link), "Content-Security-Policy"),
            "form-action 'self' http://127.0.0.1:51234;"));
}

TEST_CASE("prompt=login asks even somebody who has signed in, once") {
  AuthDesk desk;
  Browser browser(desk);
  const std::string client = desk.client();
  browser.sign_in(authorize_link(authorize_fields(client)));
  Fields fields = authorize_fields(client);
  fields.emplace_back("prompt", "login");
  CHECK(has(browser.get(authorize_link(fields)).body, "Choose who you want to be"));
  CHECK(has(browser.sign_in(authorize_link(fields)).body, "Allow"));
  CHECK(query_of(header(browser.get(authorize_link(with(fields, "prompt", "none"))), "Location"))
            .get("error") == "consent_required");
}

TEST_CASE("A page on another site, or under a name of its own, reaches nothing here") {
  AuthDesk desk;
  CHECK(desk.send("GET", "/.well-known/oauth-authorization-server", "", {{"host", "evil.example"}}).status ==
        403);
  CHECK(desk.send("POST", "/oauth/register", "{}", {{"origin", "https://evil.example"}}).status == 403);
}
