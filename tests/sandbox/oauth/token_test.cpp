#include <catch2/generators/catch_generators.hpp>

#include "clickflow/base/base64.h"
#include "clickflow/base/file.h"
#include "clickflow/sandbox/oauth/jwt.h"
#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using namespace clickflow::sandbox::testing;

namespace {

std::string error_of(const Reply& reply) {
  return reply.status == 200 ? "" : json(reply).at("error").get<std::string>();
}

std::string text(const Json& json, const char* name) {
  return json.at(name).get<std::string>();
}

}  // namespace

TEST_CASE("A code gives tokens that say who, for what, and for how long") {
  AuthDesk desk;
  const std::string client = desk.client();
  const Reply reply = desk.post("/oauth/token", code_fields(client, code_for(desk, client)));
  CHECK(reply.status == 200);
  CHECK(header(reply, "Cache-Control") == "no-store");
  const Json tokens = json(reply);
  CHECK(tokens.at("token_type") == "Bearer");
  CHECK(tokens.at("expires_in") == 86400);
  CHECK(tokens.at("scope") == "openid email offline_access");
  const std::string access = text(tokens, "access_token");
  const Json claims = parse_json(
      *base64url_decode(access.substr(access.find('.') + 1, access.rfind('.') - access.find('.') - 1)));
  CHECK(claims.at("iss") == issuer);
  CHECK(claims.at("aud") == resource);
  CHECK(claims.at("sub") == "user_ada");
  CHECK(claims.at("client_id") == client);
  CHECK(claims.at("org_id") == "org_abc123");
  CHECK(claims.at("email") == "ada@northwind.example");
  CHECK(claims.at("exp").get<int64_t>() - claims.at("iat").get<int64_t>() == 86400);

  const auto caller = desk.server->caller_of(access);
  REQUIRE(caller);
  CHECK(caller->organization == "org_abc123");
  CHECK(caller->person->name == "Ada Lindqvist");
  CHECK(caller->may_call("platform.create_roadmap_item"));
}

TEST_CASE("A code is of use only with everything that belongs to it") {
  AuthDesk desk;
  const std::string client = desk.client();
  const std::string other = desk.client();
  const auto [name, value, error] = GENERATE(table<const char*, const char*, const char*>({
      {"code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX", "invalid_grant"},
      {"code_verifier", nullptr, "invalid_grant"},
      {"redirect_uri", "http://127.0.0.1:51235/callback", "invalid_grant"},
      {"redirect_uri", nullptr, "invalid_grant"},
      {"client_id", "another", "invalid_grant"},
      {"client_id", "client_of_nobody", "invalid_client"},
      {"client_id", nullptr, "invalid_client"},
      {"client_secret", "a secret that it has not", "invalid_client"},
      {"resource", "http://127.0.0.1:8787/v1", "invalid_target"},
      {"resource", nullptr, "invalid_target"},
      {"code", "cf_ac_guessed", "invalid_grant"},
      {"code", nullptr, "invalid_grant"},
      {"grant_type", "password", "unsupported_grant_type"},
      {"grant_type", nullptr, "invalid_request"},
  }));
  CAPTURE(name, value ? value : "(none)");
  const char* sent = value && value == std::string_view("another") ? other.c_str() : value;
  const Reply reply =
      desk.post("/oauth/token", with(code_fields(client, code_for(desk, client)), name, sent));
  CHECK(error_of(reply) == error);
  CHECK(reply.status == (error == std::string("invalid_client") ? 401 : 400));
}

TEST_CASE("A code is good for ten minutes") {
  AuthDesk desk;
  const std::string client = desk.client();
  const std::string code = code_for(desk, client);
  desk.hands.move(std::chrono::minutes(10));
  CHECK(error_of(desk.post("/oauth/token", code_fields(client, code))) == "invalid_grant");
}

TEST_CASE("A code that is used twice takes with it what it gave") {
  AuthDesk desk;
  const std::string client = desk.client();
  const std::string code = code_for(desk, client);
  const Json tokens = json(desk.post("/oauth/token", code_fields(client, code)));
  REQUIRE(desk.server->caller_of(text(tokens, "access_token")));
  CHECK(error_of(desk.post("/oauth/token", code_fields(client, code))) == "invalid_grant");
  CHECK_FALSE(desk.server->caller_of(text(tokens, "access_token")));
  CHECK(error_of(desk.post("/oauth/token", refresh_fields(client, text(tokens, "refresh_token")))) ==
        "invalid_grant");
}

TEST_CASE("A refresh token is spent by its use, and the next one takes its place") {
  AuthDesk desk;
  const std::string client = desk.client();
  Json tokens = tokens_for(desk, client);
  for (int i = 0; i < 3; ++i) {
    const Reply reply = desk.post("/oauth/token", refresh_fields(client, text(tokens, "refresh_token")));
    REQUIRE(reply.status == 200);
    CHECK(json(reply).at("refresh_token") != tokens.at("refresh_token"));
    CHECK(json(reply).at("access_token") != tokens.at("access_token"));
    tokens = json(reply);
    CHECK(desk.server->caller_of(text(tokens, "access_token")));
  }
}

TEST_CASE("A spent refresh token that comes again ends the whole family") {
  AuthDesk desk;
  const std::string client = desk.client();
  const Json first = tokens_for(desk, client);
  const Json second = json(desk.post("/oauth/token", refresh_fields(client, text(first, "refresh_token"))));
  CHECK(error_of(desk.post("/oauth/token", refresh_fields(client, text(first, "refresh_token")))) ==
        "invalid_grant");
  CHECK(error_of(desk.post("/oauth/token", refresh_fields(client, text(second, "refresh_token")))) ==
        "invalid_grant");
  CHECK_FALSE(desk.server->caller_of(text(first, "access_token")));
  CHECK_FALSE(desk.server->caller_of(text(second, "access_token")));
  CHECK(desk.server->tokens().reuses() == 1);
}

TEST_CASE("In the grace that is asked for, the newest spent token still works") {
  OAuthSettings settings;
  settings.refresh_grace = std::chrono::seconds(10);
  AuthDesk desk(settings);
  const std::string client = desk.client();
  const Json first = tokens_for(desk, client);
  const std::string token = text(first, "refresh_token");
  const Json lost = json(desk.post("/oauth/token", refresh_fields(client, token)));
  desk.hands.move(std::chrono::seconds(9));
  const Json again = json(desk.post("/oauth/token", refresh_fields(client, token)));
  CHECK(desk.server->caller_of(text(again, "access_token")));
  desk.hands.move(std::chrono::seconds(1));
  CHECK(error_of(desk.post("/oauth/token", refresh_fields(client, token))) == "invalid_grant");
  CHECK_FALSE(desk.server->caller_of(text(again, "access_token")));
}

TEST_CASE("A refresh is refused for another client, another resource and more scopes, and spends nothing") {
  AuthDesk desk;
  const std::string client = desk.client();
  const std::string other = desk.client();
  const Json tokens = tokens_for(desk, client);
  const Fields right = refresh_fields(client, text(tokens, "refresh_token"));
  CHECK(error_of(desk.post("/oauth/token", with(right, "client_id", other.c_str()))) == "invalid_grant");
  CHECK(error_of(desk.post("/oauth/token", with(right, "resource", nullptr))) == "invalid_target");
  CHECK(error_of(desk.post("/oauth/token", with(right, "scope", "openid profile"))) == "invalid_scope");
  CHECK(error_of(desk.post("/oauth/token", with(right, "refresh_token", "cf_rt_guessed"))) ==
        "invalid_grant");
  CHECK(error_of(desk.post("/oauth/token", with(right, "refresh_token", nullptr))) == "invalid_grant");
  const Json fewer = json(desk.post("/oauth/token", with(right, "scope", "email")));
  CHECK(fewer.at("scope") == "email");
  const Json all = json(desk.post("/oauth/token", refresh_fields(client, text(fewer, "refresh_token"))));
  CHECK(all.at("scope") == "openid email offline_access");
}

TEST_CASE("Without offline_access, or the grant type, there is no refresh token") {
  AuthDesk desk;
  const auto tokens = [&](const Json& metadata, const char* scope) {
    const std::string client = json(desk.register_with(metadata)).at("client_id");
    Browser browser(desk);
    const std::string back =
        browser.decide(authorize_link(with(authorize_fields(client), "scope", scope)), "allow");
    return json(desk.post("/oauth/token", code_fields(client, std::string(*query_of(back).get("code")))));
  };
  CHECK_FALSE(tokens(AuthDesk::public_client(), "openid").contains("refresh_token"));
  CHECK(tokens(AuthDesk::public_client(), "offline_access").contains("refresh_token"));
  Json only_codes = AuthDesk::public_client();
  only_codes["grant_types"] = {"authorization_code"};
  CHECK_FALSE(tokens(only_codes, "offline_access").contains("refresh_token"));
}

TEST_CASE("An access token that was changed, or was made by others, is no access token") {
  AuthDesk desk;
  const std::string client = desk.client();
  const std::string good = text(tokens_for(desk, client), "access_token");
  REQUIRE(desk.server->caller_of(good));
  const size_t first = good.find('.');
  const size_t last = good.rfind('.');
  const std::string head = good.substr(0, first);
  const std::string body = good.substr(first + 1, last - first - 1);
  const std::string signature = good.substr(last + 1);
  Json claims = parse_json(*base64url_decode(body));
  const auto encoded = [](const Json& json) { return base64url_encode(to_text(json)); };

  claims["org_id"] = "org_xyz789";
  CHECK_FALSE(desk.server->caller_of(head + "." + encoded(claims) + "." + signature));
  Json header = parse_json(*base64url_decode(head));
  for (const char* algorithm : {"none", "None", "HS256", "RS512"}) {
    CAPTURE(algorithm);
    header["alg"] = algorithm;
    CHECK_FALSE(desk.server->caller_of(encoded(header) + "." + body + "." + signature));
    CHECK_FALSE(desk.server->caller_of(encoded(header) + "." + body + "."));
  }
  std::string bent = signature;
  bent[10] = bent[10] == 'A' ? 'B' : 'A';
  CHECK_FALSE(desk.server->caller_of(head + "." + body + "." + bent));
  CHECK_FALSE(desk.server->caller_of(head + "." + body));
  CHECK_FALSE(desk.server->caller_of(head + "." + body + "."));
  CHECK_FALSE(desk.server->caller_of(good + "." + signature));
  CHECK_FALSE(desk.server->caller_of(good + "="));
  for (const char* other : {"", ".", "..", "a.b.c", "cf_ak_x"}) CHECK_FALSE(desk.server->caller_of(other));

  AuthDesk stranger;  // same issuer, same resource, another key
  std::filesystem::remove(stranger.key_file());
  CHECK_FALSE(stranger.server->caller_of(good));
  CHECK(desk.server->caller_of(good));
}

TEST_CASE("A token that is signed well still has to be for us, from us, and in time") {
  AuthDesk desk;
  SigningKey key(desk.key_file());
  const std::string good = text(tokens_for(desk, desk.client()), "access_token");
  const Json right = *read_jwt(key, "at+jwt", good);
  const auto accepted = [&](const char* name, const Json& value, const char* type = "at+jwt") {
    Json claims = right;
    claims[name] = value;
    return desk.server->caller_of(make_jwt(key, type, claims)).has_value();
  };
  CHECK(accepted("aud", resource));
  CHECK_FALSE(accepted("aud", "https://api.clickflow.com/v1/mcp"));
  CHECK_FALSE(accepted("aud", nullptr));
  CHECK_FALSE(accepted("iss", "http://127.0.0.1:8789"));
  CHECK_FALSE(accepted("exp", 1));
  CHECK_FALSE(accepted("exp", "later"));
  CHECK_FALSE(accepted("jti", "at_other"));
  CHECK_FALSE(accepted("sid", "grant_other"));
  CHECK_FALSE(accepted("aud", resource, "JWT"));  // an id token is no access token
}

TEST_CASE("An access token ends when its time is over") {
  OAuthSettings settings;
  settings.token_lifetime = std::chrono::seconds(30);
  AuthDesk desk(settings);
  const Json tokens = tokens_for(desk, desk.client());
  CHECK(tokens.at("expires_in") == 30);
  desk.hands.move(std::chrono::seconds(29));
  CHECK(desk.server->caller_of(text(tokens, "access_token")));
  desk.hands.move(std::chrono::seconds(1));
  CHECK_FALSE(desk.server->caller_of(text(tokens, "access_token")));
}

TEST_CASE("Revoking a refresh token ends its family, and an access token only itself") {
  AuthDesk desk;
  const std::string client = desk.client();
  const std::string other = desk.client();
  const Json tokens = tokens_for(desk, client);
  const auto revoke = [&](const std::string& who, const std::string& token) {
    return desk.post("/oauth/token/revoke", {{"client_id", who}, {"token", token}}).status;
  };
  CHECK(revoke(client, "unknown") == 200);
  CHECK(revoke(other, text(tokens, "refresh_token")) == 200);  // not its own: nothing happens
  CHECK(revoke("client_of_nobody", text(tokens, "refresh_token")) == 401);
  CHECK(desk.server->caller_of(text(tokens, "access_token")));
  CHECK(revoke(client, text(tokens, "access_token")) == 200);
  CHECK_FALSE(desk.server->caller_of(text(tokens, "access_token")));
  const Json renewed = json(desk.post("/oauth/token", refresh_fields(client, text(tokens, "refresh_token"))));
  CHECK(desk.server->caller_of(text(renewed, "access_token")));
  CHECK(revoke(client, text(renewed, "refresh_token")) == 200);
  CHECK_FALSE(desk.server->caller_of(text(renewed, "access_token")));
  CHECK(error_of(desk.post("/oauth/token", refresh_fields(client, text(renewed, "refresh_token")))) ==
        "invalid_grant");
}

TEST_CASE("A restart loses neither clients nor tokens, and the file holds none of them") {
  AuthDesk desk;
  const std::string client = desk.client();
  const Json tokens = tokens_for(desk, client);
  desk.restart();
  CHECK(desk.server->caller_of(text(tokens, "access_token")));
  const Json renewed = json(desk.post("/oauth/token", refresh_fields(client, text(tokens, "refresh_token"))));
  CHECK(renewed.contains("refresh_token"));
  desk.restart();
  CHECK(error_of(desk.post("/oauth/token", refresh_fields(client, text(tokens, "refresh_token")))) ==
        "invalid_grant");

  using std::filesystem::perms;
  for (const auto& entry : std::filesystem::directory_iterator(desk.folder.path())) {
    CAPTURE(entry.path());
    CHECK((std::filesystem::status(entry.path()).permissions() & (perms::group_all | perms::others_all)) ==
          perms::none);
    const std::string content = *read_file(entry.path());
    for (const Json& all : {tokens, renewed}) {
      CHECK_FALSE(has(content, text(all, "refresh_token").substr(0, 16)));
      CHECK_FALSE(has(content, text(all, "access_token").substr(0, 100)));
    }
  }
}

TEST_CASE("The id token is for the client, and userinfo tells what the scopes allow") {
  AuthDesk desk;
  const std::string client = desk.client();
  const Json tokens = tokens_for(desk, client);
  SigningKey key(desk.key_file());
  const auto claims = read_jwt(key, "JWT", text(tokens, "id_token"));
  REQUIRE(claims);
  CHECK(claims->at("aud") == client);
  CHECK(claims->at("email") == "ada@northwind.example");
  CHECK_FALSE(claims->contains("name"));  // profile was not asked for
  const auto ask = [&](const std::string& token) {
    return desk.send("GET", "/oauth/userinfo", "", {{"authorization", "Bearer " + token}});
  };
  const Json who = json(ask(text(tokens, "access_token")));
  CHECK(who.at("sub") == "user_ada");
  CHECK(who.at("email") == "ada@northwind.example");
  CHECK(who.at("org_name") == "Northwind Coffee");
  CHECK_FALSE(who.contains("name"));
  CHECK(ask("no token").status == 401);
  CHECK(ask(text(tokens, "id_token")).status == 401);
}
