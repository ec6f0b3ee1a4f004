#include "clickflow/auth/metadata.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/json.h"

using namespace clickflow;
using namespace clickflow::auth;

namespace {

const Url endpoint = *Url::parse("https://api.example.com/v1/mcp");
const std::string issuer = "https://login.example.org";

Json server_document() {
  return {{"issuer", issuer},
          {"authorization_endpoint", "https://login.example.org/oauth/authorize"},
          {"token_endpoint", "https://login.example.org/oauth/token"},
          {"code_challenge_methods_supported", {"S256"}}};
}

Result<AuthorizationServer> parse(const Json& document) {
  return parse_authorization_server(to_text(document), {issuer}, UrlPolicy(endpoint));
}

}  // namespace

TEST_CASE("A resource covers what lies under it, and ends at a segment") {
  const auto* resource = GENERATE("https://api.example.com/v1/mcp", "https://api.example.com/v1/mcp/",
                                  "https://api.example.com/v1", "https://api.example.com/",
                                  "https://api.example.com", "HTTPS://API.Example.com:443/v1/mcp");
  CAPTURE(resource);
  CHECK(covers(resource, endpoint));
}

TEST_CASE("A resource does not cover its neighbours") {
  const auto* resource =
      GENERATE("https://api.example.com/v1/mc", "https://api.example.com/v1/mcp2",
               "https://api.example.com/v1/mcp/x", "https://api.example.com/v2", "https://example.com/v1/mcp",
               "https://api.example.com.evil.org/v1/mcp", "https://api.example.com:8443/v1/mcp",
               "http://api.example.com/v1/mcp", "https://api.example.com/v1/mcp?x=1",
               "https://api.example.com/v1?x=1", "https://user@api.example.com/v1/mcp",
               "https://api.example.com/v1/mcp#x", "api.example.com/v1/mcp", "");
  CAPTURE(resource);
  CHECK_FALSE(covers(resource, endpoint));
}

TEST_CASE("A resource is kept as the document spells it") {
  const auto resource = parse_protected_resource(
      R"({"resource":"HTTPS://api.example.com:443/v1/","authorization_servers":["https://a.example/",7],
          "scopes_supported":["x","y"],"unknown":{"a":[]}})",
      endpoint);
  REQUIRE(resource);
  CHECK(resource->resource == "HTTPS://api.example.com:443/v1/");
  CHECK(resource->authorization_servers == std::vector<std::string>{"https://a.example/"});
  CHECK(resource->scopes_supported == std::vector<std::string>{"x", "y"});
}

TEST_CASE("ClickFlow's own document is enough") {
  const auto resource = parse_protected_resource(
      R"({ "resource": "https://api.clickflow.com/v1/mcp",
           "authorization_servers": ["https://your-app.clerk.accounts.dev"] })",
      *Url::parse("https://api.clickflow.com/v1/mcp"));
  REQUIRE(resource);
  CHECK_FALSE(resource->scopes_supported);
}

TEST_CASE("A resource document that does not fit is refused") {
  const auto* text =
      GENERATE("", "[]", "not JSON", "{", R"({"authorization_servers":["https://a.example"]})",
               R"({"resource":"https://api.example.com/v1/mcp"})",
               R"({"resource":"https://api.example.com/v1/mcp","authorization_servers":[]})",
               R"({"resource":"https://other.example/mcp","authorization_servers":["https://a.example"]})",
               R"({"resource":7,"authorization_servers":["https://a.example"]})");
  CAPTURE(text);
  const auto resource = parse_protected_resource(text, endpoint);
  REQUIRE_FALSE(resource);
  CHECK(resource.error().code == ErrorCode::protocol);
}

TEST_CASE("A sign-in server's document is read, with what it lists and without") {
  auto document = server_document();
  auto server = parse(document);
  REQUIRE(server);
  CHECK(server->issuer == issuer);
  CHECK(server->authorization_endpoint.to_string() == "https://login.example.org/oauth/authorize");
  CHECK(server->token_endpoint.to_string() == "https://login.example.org/oauth/token");
  CHECK_FALSE(server->registration_endpoint);
  CHECK_FALSE(server->token_endpoint_auth_methods);
  CHECK_FALSE(server->iss_parameter_supported);

  document.update({{"registration_endpoint", "https://login.example.org/oauth/register"},
                   {"revocation_endpoint", "https://login.example.org/oauth/token/revoke"},
                   {"device_authorization_endpoint", "https://login.example.org/device"},
                   {"scopes_supported", {"openid", "offline_access"}},
                   {"token_endpoint_auth_methods_supported", {"client_secret_basic", "none"}},
                   {"client_id_metadata_document_supported", true},
                   {"authorization_response_iss_parameter_supported", true}});
  server = parse(document);
  REQUIRE(server);
  CHECK(server->registration_endpoint->target == "/oauth/register");
  CHECK(server->revocation_endpoint->target == "/oauth/token/revoke");
  CHECK(server->device_authorization_endpoint->target == "/device");
  CHECK(server->scopes_supported == std::vector<std::string>{"openid", "offline_access"});
  CHECK(server->token_endpoint_auth_methods == std::vector<std::string>{"client_secret_basic", "none"});
  CHECK(server->client_id_metadata_document_supported);
  CHECK(server->iss_parameter_supported);
}

TEST_CASE("Members of the wrong type that are not needed are passed over") {
  auto document = server_document();
  document.update({{"registration_endpoint", nullptr},
                   {"revocation_endpoint", ""},
                   {"scopes_supported", "openid"},
                   {"client_id_metadata_document_supported", "true"},
                   {"authorization_response_iss_parameter_supported", 1}});
  const auto server = parse(document);
  REQUIRE(server);
  CHECK_FALSE(server->registration_endpoint);
  CHECK_FALSE(server->revocation_endpoint);
  CHECK(server->scopes_supported.empty());
  CHECK_FALSE(server->client_id_metadata_document_supported);
  CHECK_FALSE(server->iss_parameter_supported);
}

TEST_CASE("The issuer is compared character for character") {
  const auto* other =
      GENERATE("https://login.example.org/", "https://LOGIN.example.org", "https://login.example.org:443",
               "https://login.example.or%67", "http://login.example.org", " https://login.example.org", "");
  CAPTURE(other);
  auto document = server_document();
  document["issuer"] = other;
  CHECK_FALSE(parse(document));
  document.erase("issuer");
  CHECK_FALSE(parse(document));
}

TEST_CASE("A sign-in server that does not list S256 is refused") {
  auto document = server_document();
  document["code_challenge_methods_supported"] =
      GENERATE(Json::array({"plain"}), Json::array(), Json("S256"), Json());
  CAPTURE(to_text(document));
  const auto server = parse(document);
  REQUIRE_FALSE(server);
  CHECK(server.error().what.find("PKCE") != std::string::npos);
  document.erase("code_challenge_methods_supported");
  CHECK_FALSE(parse(document));
}

TEST_CASE("Every endpoint that a sign-in server names has to be one that may be used") {
  const auto* name = GENERATE("authorization_endpoint", "token_endpoint", "registration_endpoint",
                              "revocation_endpoint", "device_authorization_endpoint");
  const auto* url = GENERATE("http://login.example.org/x", "https://127.0.0.1/x", "https://169.254.169.254/x",
                             "javascript:alert(1)", "https://u:p@login.example.org/x");
  CAPTURE(name, url);
  auto document = server_document();
  document[name] = url;
  const auto server = parse(document);
  REQUIRE_FALSE(server);
  CHECK(server.error().what.find(name) != std::string::npos);
}

TEST_CASE("A sign-in server without its two endpoints is of no use") {
  const auto* name = GENERATE("authorization_endpoint", "token_endpoint");
  auto document = server_document();
  document.erase(name);
  CHECK_FALSE(parse(document));
}

TEST_CASE("A sign-in page of one site whose codes go to another is refused as a mix-up") {
  auto document = server_document();
  document["authorization_endpoint"] = "https://accounts.honest.example/authorize";
  CHECK_FALSE(parse(document));
  document["token_endpoint"] = "https://api.honest.example/token";
  CHECK(parse(document));  // the code goes to the site that gave it
  document["authorization_endpoint"] = "https://app.example.org/authorize";
  CHECK(parse(document));  // the page is the issuer's own
}

TEST_CASE("The documented defaults lie at the root of the endpoint's origin") {
  const auto server = documented_defaults(*Url::parse("https://api.example.com:8443/v1/mcp?x=1"));
  CHECK(server.issuer == "https://api.example.com:8443");
  CHECK(server.authorization_endpoint.to_string() == "https://api.example.com:8443/authorize");
  CHECK(server.token_endpoint.to_string() == "https://api.example.com:8443/token");
  CHECK(server.registration_endpoint->to_string() == "https://api.example.com:8443/register");
}
