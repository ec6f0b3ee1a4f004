#pragma once

#include <catch2/catch_test_macros.hpp>

#include "../support.h"
#include "clickflow/base/file.h"
#include "clickflow/base/form.h"
#include "clickflow/sandbox/oauth/authorization_server.h"
#include "support/json.h"

namespace clickflow::sandbox::testing {

constexpr const char* issuer = "http://127.0.0.1:8788";
constexpr const char* resource = "http://127.0.0.1:8787/v1/mcp";
constexpr const char* redirect = "http://127.0.0.1:51234/callback";
constexpr const char* verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";  // RFC 7636, appendix B
constexpr const char* challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

using Fields = std::vector<std::pair<std::string, std::string>>;

inline Form form_of(const Fields& fields) {
  Form form;
  for (const auto& [name, value] : fields) form.add(name, value);
  return form;
}

inline std::string header(const Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "";
}

inline Json json(const Reply& reply) {
  INFO(reply.body);
  return parse_json(reply.body);
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// What stands in `text` between two marks.
inline std::string between(const std::string& text, std::string_view before, std::string_view after) {
  const size_t start = text.find(before);
  INFO(text);
  REQUIRE(start != std::string::npos);
  const size_t from = start + before.size();
  return text.substr(from, text.find(after, from) - from);
}

/// The fields of a link's query.
inline Form query_of(const std::string& link) {
  return *Form::decode(link.substr(std::min(link.find('?') + 1, link.size())));
}

/// Made once, since that takes a while.
inline const std::string& shared_key() {
  static const std::string pem = [] {
    const Folder folder;
    const std::filesystem::path file = folder.path() / "key.pem";
    SigningKey(file).id();
    return *read_file(file);
  }();
  return pem;
}

/// An authorization server whose clock the test moves, and a client of it.
struct AuthDesk {
  explicit AuthDesk(OAuthSettings wanted = {}, bool test_controls = false)
      : settings(wanted), controls(test_controls) {
    REQUIRE(write_file(key_file(), shared_key()));
    restart();
  }
  std::filesystem::path key_file() const { return folder.path() / "signing-key.pem"; }

  Folder folder;
  Hands hands;
  OAuthSettings settings;
  bool controls;
  Counters counters;
  std::unique_ptr<AuthorizationServer> server;

  void restart() {
    server.reset();
    server =
        std::make_unique<AuthorizationServer>(AuthorizationServer::Place{issuer, resource, folder.path()},
                                              settings, hands.clock(), counters, controls);
  }

  Reply send(const char* method, const std::string& target, std::string body = "",
             std::map<std::string, std::string> headers = {}) {
    return server->handle(
        {method, target.substr(0, target.find('?')), std::move(headers), std::move(body), target});
  }
  Reply post(const std::string& target, const Fields& fields,
             std::map<std::string, std::string> headers = {}) {
    headers.emplace("content-type", "application/x-www-form-urlencoded");
    return send("POST", target, form_of(fields).encode(), std::move(headers));
  }
  Reply register_with(const Json& metadata) {
    return send("POST", "/oauth/register", to_text(metadata), {{"content-type", "application/json"}});
  }
  static Json public_client() {
    return {{"client_name", "Test program"},
            {"redirect_uris", {"http://127.0.0.1/callback"}},
            {"grant_types",
             {"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"}},
            {"token_endpoint_auth_method", "none"},
            {"scope", "openid profile email offline_access"}};
  }
  std::string client() {
    const Reply reply = register_with(public_client());
    REQUIRE(reply.status == 201);
    return json(reply).at("client_id");
  }
};

/// A person at a browser: keeps the cookie, and fills in forms.
class Browser {
 public:
  explicit Browser(AuthDesk& desk) : desk_(desk) {}

  Reply get(const std::string& target) { return keep(desk_.send("GET", target, "", headers())); }
  Reply post(const std::string& target, const Fields& fields) {
    return keep(desk_.post(target, fields, headers()));
  }
  std::map<std::string, std::string> headers() const {
    return cookie_.empty() ? std::map<std::string, std::string>{}
                           : std::map<std::string, std::string>{{"cookie", cookie_}};
  }

  /// Signs in on the page that `target` shows, and returns the page after it.
  Reply sign_in(const std::string& target, const std::string& email = "ada@northwind.example") {
    const std::string page = get(target).body;
    const Reply done =
        post("/sign-in", {{"form_token", token(page)}, {"return_to", unescaped(page)}, {"email", email}});
    REQUIRE(done.status == 303);
    return get(header(done, "Location"));
  }
  /// Answers the consent page that `target` shows; returns where the browser is sent.
  std::string decide(const std::string& target, const char* decision,
                     const char* organization = "org_abc123") {
    const std::string page = sign_in(target).body;
    return header(
        post(target, {{"form_token", token(page)}, {"organization", organization}, {"decision", decision}}),
        "Location");
  }

  static std::string token(const std::string& page) {
    return between(page, R"(name="form_token" value=")", "\"");
  }
  static std::string unescaped(const std::string& page) {
    std::string text = between(page, R"(name="return_to" value=")", "\"");
    for (size_t at; (at = text.find("&amp;")) != std::string::npos;) text.replace(at, 5, "&");
    return text;
  }

 private:
  Reply keep(Reply reply) {
    const std::string cookie = header(reply, "Set-Cookie");
    if (!cookie.empty()) cookie_ = cookie.substr(0, cookie.find(';'));
    return reply;
  }

  AuthDesk& desk_;
  std::string cookie_;
};

inline Fields authorize_fields(const std::string& client) {
  return {{"response_type", "code"},  {"client_id", client},
          {"redirect_uri", redirect}, {"scope", "openid email offline_access"},
          {"state", "a-long-state"},  {"code_challenge", challenge},
          {"resource", resource},     {"code_challenge_method", "S256"}};
}

/// The fields with one of them changed, or left out where the value is null.
inline Fields with(Fields fields, const std::string& name, const char* value) {
  std::erase_if(fields, [&](const auto& field) { return field.first == name; });
  if (value) fields.emplace_back(name, value);
  return fields;
}

inline std::string authorize_link(const Fields& fields) {
  return "/oauth/authorize?" + form_of(fields).encode();
}

inline std::string code_for(AuthDesk& desk, const std::string& client) {
  Browser browser(desk);
  const std::string back = browser.decide(authorize_link(authorize_fields(client)), "allow");
  REQUIRE(back.starts_with(redirect));
  return std::string(query_of(back).get("code").value_or(""));
}

inline Fields code_fields(const std::string& client, const std::string& code) {
  return {{"grant_type", "authorization_code"}, {"client_id", client},       {"code", code},
          {"redirect_uri", redirect},           {"code_verifier", verifier}, {"resource", resource}};
}

inline Fields refresh_fields(const std::string& client, const std::string& token) {
  return {{"grant_type", "refresh_token"},
          {"client_id", client},
          {"refresh_token", token},
          {"resource", resource}};
}

inline Json tokens_for(AuthDesk& desk, const std::string& client) {
  const Reply reply = desk.post("/oauth/token", code_fields(client, code_for(desk, client)));
  REQUIRE(reply.status == 200);
  return json(reply);
}

}  // namespace clickflow::sandbox::testing
