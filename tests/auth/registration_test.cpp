#include "clickflow/auth/registration.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/fake_http.h"

using namespace clickflow;
using namespace clickflow::auth;
using clickflow::testing::FakeHttp;
using Authentication = ClientAuthentication;
using Origin = OAuthClient::Origin;

namespace {

const std::string issuer = "https://login.example.org";
const TimePoint now{std::chrono::seconds(1'800'000'000)};

AuthorizationServer server() {
  AuthorizationServer result;
  result.issuer = issuer;
  result.registration_endpoint = *Url::parse("https://login.example.org/oauth/register");
  return result;
}

struct Fixture {
  FakeHttp http;
  ClientSettings settings;
  AuthorizationServer at = server();
  ScopeSet scope = ScopeSet::parse("openid offline_access");
  std::optional<OAuthClient> kept;

  void answers(int status, std::string body) {
    http.answer("POST https://login.example.org/oauth/register",
                {.status = status, .body = std::move(body), .headers = {}, .failure = {}});
  }
  Result<OAuthClient> obtain() { return obtain_client(http, settings, at, scope, kept, now, {}); }
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "A client is registered as a native one, with just the scopes that will be asked for") {
  answers(201, R"({"client_id":"abc","client_name":"x"})");
  const auto client = obtain();
  REQUIRE(client);
  CHECK(client->client_id == "abc");
  CHECK(client->issuer == issuer);
  CHECK(client->origin == Origin::dynamic);
  CHECK(client->authentication == Authentication::none);
  CHECK(client->scope == "openid offline_access");
  CHECK(http.asked().size() == 1);
  CHECK(
      http.request(0) ==
      "POST https://login.example.org/oauth/register\n"
      "Accept: application/json\n"
      "Content-Type: application/json\n"
      "\n"
      R"({"application_type":"native","client_name":"ClickFlow MCP bridge",)"
      R"("grant_types":["authorization_code","refresh_token"],"redirect_uris":["http://127.0.0.1/callback"],)"
      R"("response_types":["code"],"token_endpoint_auth_method":"none","scope":"openid offline_access"})");
}

TEST_CASE_METHOD(Fixture, "Without scopes none are registered") {
  scope = {};
  answers(201, R"({"client_id":"abc"})");
  REQUIRE(obtain());
  CHECK(http.request(0).find("scope") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "A client for the device grant says so") {
  settings.device_grant = true;
  answers(201, R"({"client_id":"abc"})");
  REQUIRE(obtain());
  CHECK(
      http.request(0).find(
          R"("grant_types":["authorization_code","refresh_token","urn:ietf:params:oauth:grant-type:device_code"])") !=
      std::string::npos);
}

TEST_CASE_METHOD(Fixture, "The client registered by hand comes first, and nothing is sent") {
  settings.client_id = "by-hand";
  settings.metadata_url = "https://app.example/client.json";
  at.client_id_metadata_document_supported = true;
  auto client = obtain();
  REQUIRE(client);
  CHECK(client->client_id == "by-hand");
  CHECK(client->authentication == Authentication::none);
  CHECK(client->origin == Origin::pre_registered);

  settings.client_secret = Secret("a secret of the client");
  struct Row {
    std::optional<std::vector<std::string>> listed;
    Authentication expected;
  };
  for (const auto& [listed, expected] :
       {Row{std::nullopt, Authentication::client_secret_basic},
        Row{{{"client_secret_post", "client_secret_basic"}}, Authentication::client_secret_basic},
        Row{{{"client_secret_post"}}, Authentication::client_secret_post},
        Row{{{"private_key_jwt"}}, Authentication::client_secret_basic}}) {
    at.token_endpoint_auth_methods = listed;
    CHECK(obtain()->authentication == expected);
  }
  CHECK(http.asked().empty());
}

TEST_CASE_METHOD(Fixture, "The metadata document's URL is the client's id where the server supports that") {
  settings.metadata_url = "https://app.example/client.json";
  answers(201, R"({"client_id":"abc"})");
  CHECK(obtain()->client_id == "abc");
  at.client_id_metadata_document_supported = true;
  const auto client = obtain();
  CHECK(client->client_id == "https://app.example/client.json");
  CHECK(client->authentication == Authentication::none);
  CHECK(client->origin == Origin::metadata_document);
  CHECK(http.asked().size() == 1);
}

TEST_CASE("A URL that can't be a client's id is told before it is used") {
  CHECK(check_metadata_url("https://app.example/client.json"));
  const auto* url =
      GENERATE("http://app.example/client.json", "https://app.example", "https://app.example/",
               "https://app.example/?x", "https://app.example/c.json#x", "https://u@app.example/c.json", "");
  CAPTURE(url);
  CHECK(check_metadata_url(url).error().code == ErrorCode::invalid_input);
}

TEST_CASE_METHOD(Fixture, "A registration is kept, and used where it will do") {
  answers(201, R"({"client_id":"new"})");
  OAuthClient old;
  old.issuer = issuer;
  old.client_id = "old";
  old.scope = "openid offline_access profile";
  old.redirect_uris = {loopback_redirect_uri};
  std::string expected = "old";
  SECTION("as it is") {}
  SECTION("but not with another server") {
    old.issuer = "https://login.example.org/";
    expected = "new";
  }
  SECTION("nor for a scope that it was not registered for") {
    old.scope = "openid";
    expected = "new";
  }
  SECTION("nor for an address that it was not registered for") {
    settings.redirect_uris.emplace_back("http://127.0.0.1:8123/callback");
    expected = "new";
  }
  SECTION("nor for a grant that it was not registered for") {
    settings.device_grant = true;
    expected = "new";
  }
  SECTION("nor after its secret has expired") {
    old.secret_expires_at = now;
    expected = "new";
  }
  SECTION("nor if the person had brought it, and has it no more") {
    old.origin = Origin::pre_registered;
    expected = "new";
  }
  kept = old;
  CHECK(obtain()->client_id == expected);
}

TEST_CASE_METHOD(Fixture, "How a client shows its identity is asked for as listed, and kept as answered") {
  struct Row {
    std::optional<std::vector<std::string>> listed;
    const char* answer;
    const char* asked;
    Authentication kept;
  };
  const auto row = GENERATE(
      Row{std::nullopt, R"({"client_id":"a"})", "none", Authentication::none},
      Row{{{"client_secret_basic", "none"}}, R"({"client_id":"a"})", "none", Authentication::none},
      Row{{{"none"}}, R"({"client_id":"a","client_secret":"not asked for"})", "none", Authentication::none},
      Row{{{"client_secret_post", "client_secret_basic"}},
          R"({"client_id":"a","client_secret":"s"})",
          "client_secret_basic",
          Authentication::client_secret_basic},
      Row{{{"client_secret_post"}},
          R"({"client_id":"a","client_secret":"s"})",
          "client_secret_post",
          Authentication::client_secret_post},
      Row{{{"client_secret_post"}}, R"({"client_id":"a"})", "client_secret_post", Authentication::none},
      Row{std::nullopt,
          R"({"client_id":"a","client_secret":"s","token_endpoint_auth_method":"client_secret_post"})",
          "none", Authentication::client_secret_post});
  CAPTURE(row.answer);
  at.token_endpoint_auth_methods = row.listed;
  answers(201, row.answer);
  const auto client = obtain();
  REQUIRE(client);
  CHECK(client->authentication == row.kept);
  CHECK(client->secret.empty() == (row.kept == Authentication::none));
  CHECK(http.request(0).find("\"token_endpoint_auth_method\":\"" + std::string(row.asked) + "\"") !=
        std::string::npos);
}

TEST_CASE_METHOD(Fixture, "A server that wants an identity that can't be shown is not registered with") {
  at.token_endpoint_auth_methods = {"private_key_jwt", "tls_client_auth"};
  CHECK(obtain().error().code == ErrorCode::protocol);
  CHECK(http.asked().empty());
  at.token_endpoint_auth_methods.reset();
  answers(201, R"({"client_id":"a","token_endpoint_auth_method":"private_key_jwt"})");
  CHECK(obtain().error().code == ErrorCode::protocol);
}

TEST_CASE_METHOD(Fixture, "A server without registration says what to do instead") {
  at.registration_endpoint.reset();
  const auto client = obtain();
  REQUIRE_FALSE(client);
  CHECK(client.error().what ==
        "The sign-in server https://login.example.org does not let programs register themselves.");
  CHECK(client.error().remedy.find("--client-id") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "Each refusal to register has its sentence") {
  struct Row {
    int status;
    const char* body;
    const char* words;
  };
  const auto row = GENERATE(
      Row{422, "", "does not let programs register themselves"},
      Row{403, "{}", "does not let programs register"}, Row{404, "<html>", "does not let programs register"},
      Row{401, R"({"error":"invalid_token"})", "does not let programs register"},
      Row{400, R"({"error":"invalid_redirect_uri","error_description":"no loopback"})",
          "the address at which"},
      Row{400, R"({"error":"invalid_client_metadata"})", "how this program describes itself"},
      Row{400, R"(["x"])", "refused to register this program (status 400)"},
      Row{302, "", "refused to register this program (status 302)"}, Row{503, "", "just now (status 503)"},
      Row{429, "", "just now (status 429)"});
  CAPTURE(row.status, row.body);
  answers(row.status, row.body);
  const auto client = obtain();
  REQUIRE_FALSE(client);
  CHECK(client.error().code == ErrorCode::rejected);
  CHECK(client.error().what.find(row.words) != std::string::npos);
  CHECK(client.error().what.find("no loopback") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "An answer without an id is no registration") {
  answers(201, GENERATE("", "[]", "{}", R"({"client_id":""})", R"({"client_id":7})"));
  CHECK(obtain().error().code == ErrorCode::protocol);
}

TEST_CASE("A client comes back from its text as it went") {
  OAuthClient client;
  client.origin = GENERATE(Origin::dynamic, Origin::pre_registered, Origin::metadata_document);
  client.issuer = issuer;
  client.client_id = "id \"1\"";
  client.secret = Secret("a secret of the client");
  client.authentication = Authentication::client_secret_post;
  client.secret_expires_at = now;
  client.scope = "a b";
  client.redirect_uris = {"http://127.0.0.1/callback", "http://127.0.0.1:1/callback"};
  client.device_grant = true;
  const auto back = parse_client(serialize(client));
  REQUIRE(back);
  CHECK(back->origin == client.origin);
  CHECK(back->issuer == client.issuer);
  CHECK(back->client_id == client.client_id);
  CHECK(back->secret == client.secret);
  CHECK(back->authentication == client.authentication);
  CHECK(back->secret_expires_at == client.secret_expires_at);
  CHECK(back->scope == client.scope);
  CHECK(back->redirect_uris == client.redirect_uris);
  CHECK(back->device_grant);
}

TEST_CASE("A client's text that is damaged, or of a later version, is told as that") {
  const std::string good =
      R"({"version":1,"origin":"dynamic","issuer":"https://a.example","client_id":"x","token_endpoint_auth_method":"none"})";
  CHECK(parse_client(Secret(good)));
  CHECK(parse_client(Secret(good.substr(0, good.size() - 1) + R"(,"later":[1]})")));
  const auto text = GENERATE_COPY(
      std::string(), std::string("x"), std::string("[]"), std::string("{}"), good.substr(0, 60),
      std::string(
          R"({"version":1,"origin":"dynamic","issuer":"https://a.example","client_id":"x","token_endpoint_auth_method":"client_secret_basic"})"),
      std::string(
          R"({"version":1,"issuer":"https://a.example","client_id":"x","token_endpoint_auth_method":"none"})"),
      std::string(
          R"({"version":2,"origin":"dynamic","issuer":"https://a.example","client_id":"x","token_endpoint_auth_method":"none"})"));
  CAPTURE(text);
  CHECK(parse_client(Secret(text)).error().code == ErrorCode::keychain_damaged);
}
