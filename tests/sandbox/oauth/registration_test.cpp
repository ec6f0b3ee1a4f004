#include <catch2/generators/catch_generators.hpp>

#include "clickflow/base/base64.h"
#include "clickflow/sandbox/oauth/redirect_uri.h"
#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;

TEST_CASE("A program registers itself, and hears what was registered") {
  AuthDesk desk;
  const Reply reply = desk.register_with(AuthDesk::public_client());
  CHECK(reply.status == 201);
  CHECK(header(reply, "Cache-Control") == "no-store");
  const Json client = json(reply);
  CHECK(client.at("client_id").get<std::string>().starts_with("client_"));
  CHECK_FALSE(client.contains("client_secret"));
  CHECK(client.at("scope") == "openid profile email offline_access");
  CHECK(client.at("token_endpoint_auth_method") == "none");
  CHECK(client.at("redirect_uris") == Json{"http://127.0.0.1/callback"});
}

TEST_CASE("What is left out is filled in as Clerk does: confidential, and without openid") {
  AuthDesk desk;
  const Json client = json(desk.register_with({{"redirect_uris", {"https://app.example/callback"}}}));
  CHECK(client.at("token_endpoint_auth_method") == "client_secret_basic");
  CHECK(client.contains("client_secret"));
  CHECK(client.at("scope") == "email offline_access profile");
  CHECK(client.at("grant_types") == Json{"authorization_code"});
}

TEST_CASE("What can't be registered is refused, with the RFC's word for it") {
  AuthDesk desk;
  const auto error = [&](const char* name, const Json& value) {
    Json metadata = AuthDesk::public_client();
    metadata[name] = value;
    const Reply reply = desk.register_with(metadata);
    return reply.status == 400 ? json(reply).at("error").get<std::string>() : std::to_string(reply.status);
  };
  CHECK(error("redirect_uris", Json::array()) == "invalid_redirect_uri");
  CHECK(error("redirect_uris", nullptr) == "invalid_redirect_uri");
  CHECK(error("redirect_uris", {"http://app.example/callback"}) == "invalid_redirect_uri");
  CHECK(error("redirect_uris", "http://127.0.0.1/callback") == "invalid_client_metadata");
  CHECK(error("redirect_uris", {1}) == "invalid_client_metadata");
  CHECK(error("token_endpoint_auth_method", "private_key_jwt") == "invalid_client_metadata");
  CHECK(error("grant_types", {"implicit"}) == "invalid_client_metadata");
  CHECK(error("response_types", {"token"}) == "invalid_client_metadata");
  CHECK(error("scope", "openid admin") == "invalid_client_metadata");
  CHECK(error("client_name", std::string(201, 'x')) == "invalid_client_metadata");
  CHECK(error("client_name", 7) == "invalid_client_metadata");
  CHECK(json(desk.register_with(Json::array())).at("error") == "invalid_client_metadata");
  CHECK(desk.send("POST", "/oauth/register", "{", {{"content-type", "application/json"}}).status == 400);
  CHECK(desk.send("POST", "/oauth/register", "{}", {{"content-type", "text/plain"}}).status == 400);
}

TEST_CASE("Registration that is off is a 422, and the metadata does not name it") {
  OAuthSettings settings;
  settings.registration = false;
  AuthDesk desk(settings);
  CHECK(desk.register_with(AuthDesk::public_client()).status == 422);
  const Json metadata = json(desk.send("GET", "/.well-known/oauth-authorization-server"));
  CHECK_FALSE(metadata.contains("registration_endpoint"));
}

TEST_CASE("The metadata names everything, under both addresses") {
  AuthDesk desk;
  const Json metadata = json(desk.send("GET", "/.well-known/oauth-authorization-server"));
  CHECK(metadata == json(desk.send("GET", "/.well-known/openid-configuration")));
  CHECK(metadata.at("issuer") == issuer);
  CHECK(metadata.at("code_challenge_methods_supported") == Json{"S256"});
  CHECK(metadata.at("authorization_response_iss_parameter_supported") == true);
  CHECK(metadata.at("scopes_supported") == Json{"openid", "profile", "email", "offline_access"});
  for (const char* name :
       {"authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint",
        "userinfo_endpoint", "device_authorization_endpoint", "jwks_uri"}) {
    CAPTURE(name);
    const std::string url = metadata.at(name);
    REQUIRE(url.starts_with(issuer));
    const std::string path = url.substr(std::string(issuer).size());
    CHECK(desk.send("GET", path).status != 404);
  }
  const Json keys = json(desk.send("GET", "/.well-known/jwks.json"));
  CHECK(keys == json(desk.send("GET", "/oauth/jwks")));
  CHECK(keys.at("keys").at(0).at("kty") == "RSA");
  CHECK_FALSE(keys.at("keys").at(0).contains("d"));
}

TEST_CASE("A confidential client shows its secret in the way that it registered, and in no other") {
  AuthDesk desk;
  const auto method = GENERATE("client_secret_basic", "client_secret_post");
  CAPTURE(method);
  Json metadata = AuthDesk::public_client();
  metadata["token_endpoint_auth_method"] = method;
  const Json client = json(desk.register_with(metadata));
  const std::string id = client.at("client_id");
  const std::string secret = client.at("client_secret");
  const bool is_basic = method == std::string("client_secret_basic");
  const auto status = [&](const char* code, bool in_header, const std::string& shown) {
    Fields fields = with(code_fields(id, code), "client_id", in_header ? nullptr : id.c_str());
    std::map<std::string, std::string> headers;
    if (in_header) headers["authorization"] = "Basic " + base64_encode(id + ":" + shown);
    if (!in_header && !shown.empty()) fields.emplace_back("client_secret", shown);
    const Reply reply = desk.post("/oauth/token", fields, headers);
    if (reply.status == 401) CHECK(header(reply, "WWW-Authenticate").starts_with("Basic "));
    return reply.status;
  };
  CHECK(status("x", is_basic, "wrong") == 401);
  CHECK(status("x", is_basic, "") == 401);
  CHECK(status("x", !is_basic, secret) == 401);
  CHECK(status("x", is_basic, secret) == 400);  // who it is, is known; the code is not
  CHECK(status(code_for(desk, id).c_str(), is_basic, secret) == 200);
}

TEST_CASE("HTTP Basic is decoded as RFC 6749 has it, and what is no such thing is refused") {
  AuthDesk desk;
  const std::string client = desk.client();
  const auto error = [&](const std::string& authorization, const Fields& more = {}) {
    Fields fields{{"grant_type", "refresh_token"}, {"refresh_token", "x"}};
    fields.insert(fields.end(), more.begin(), more.end());
    return json(desk.post("/oauth/token", fields, {{"authorization", authorization}}))
        .at("error")
        .get<std::string>();
  };
  CHECK(error("Bearer x") == "invalid_client");
  CHECK(error("Basic !!!") == "invalid_client");
  CHECK(error("Basic " + base64_encode("no colon")) == "invalid_client");
  CHECK(error("Basic " + base64_encode("%zz:x")) == "invalid_client");
  CHECK(error("Basic " + base64_encode(client + ":")) == "invalid_client");  // it registered none
  CHECK(error("Basic " + base64_encode("a:b"), {{"client_secret", "b"}}) == "invalid_request");
  CHECK(error("Basic " + base64_encode("a:b"), {{"client_id", "c"}}) == "invalid_request");
}

TEST_CASE("Redirect addresses: what may be registered") {
  for (const char* good :
       {"http://127.0.0.1/callback", "http://127.0.0.1:1234/callback", "http://[::1]/callback",
        "http://localhost:3000/callback", "https://app.example/callback?x=1", "com.example.app:/callback"}) {
    CAPTURE(good);
    CHECK(may_register_redirect(good));
  }
  for (const char* bad :
       {"", "callback", "http://app.example/callback", "https://app.example/callback#x",
        "https://user@app.example/", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd",
        "https://app.example/a b", "https://app.example/\"x", "cursor://x", "https://app.example/\r\nX: y"}) {
    CAPTURE(bad);
    CHECK_FALSE(may_register_redirect(bad));
  }
}

TEST_CASE("Redirect addresses: any port on the literal loopback, and otherwise character for character") {
  CHECK(redirect_matches("http://127.0.0.1/callback", "http://127.0.0.1:51234/callback"));
  CHECK(redirect_matches("http://127.0.0.1:1/callback", "http://127.0.0.1:2/callback"));
  CHECK(redirect_matches("http://[::1]/callback", "http://[::1]:2/callback"));
  CHECK(redirect_matches("http://localhost:3000/callback", "http://localhost:3000/callback"));
  CHECK_FALSE(redirect_matches("http://localhost/callback", "http://localhost:3000/callback"));
  CHECK_FALSE(redirect_matches("http://127.0.0.1/callback", "http://[::1]/callback"));
  CHECK_FALSE(redirect_matches("http://127.0.0.1/callback", "http://127.0.0.2/callback"));
  CHECK_FALSE(redirect_matches("http://127.0.0.1/callback", "http://127.0.0.1/callback#x"));
  CHECK_FALSE(redirect_matches("http://127.0.0.1/callback", "http://127.0.0.1/callback/../x"));
  CHECK_FALSE(redirect_matches("https://app.example/callback", "https://app.example:8443/callback"));
  CHECK_FALSE(redirect_matches("https://app.example/callback", "https://app.example/callback/"));
}

TEST_CASE("Redirect addresses: what the consent page lets a browser follow, and what it shows") {
  CHECK(csp_source("http://127.0.0.1:51234/callback?x=1;frame-ancestors%20*") == "http://127.0.0.1:51234");
  CHECK(csp_source("http://[::1]:51234/callback") == "http:");
  CHECK(csp_source("com.example.app:/callback") == "com.example.app:");
  CHECK(redirect_place("https://app.example/callback") == "app.example");
  CHECK(redirect_place("com.example.app:/callback") == "com.example.app");
}
