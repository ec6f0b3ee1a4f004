#include "clickflow/auth/code_flow.h"

#include <catch2/catch_test_macros.hpp>

#include "support/sign_in_rig.h"

using namespace clickflow;
using namespace clickflow::auth;
using namespace clickflow::testing;
using Kind = CallbackFailure::Kind;

namespace {

const std::string redirect_uri = "http://127.0.0.1:49152/callback";

struct Fixture : SignInRig {
  SignInContext context{http, store, settings, clock};

  SignInRequest request(const std::string& scope = "a b") { return SignInRig::request(scope); }
  Result<CodeFlow> start(const std::string& scope = "a b") {
    return CodeFlow::start(context, request(scope), redirect_uri, make_state(), {});
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "A sign-in goes from the link to the stored tokens") {
  const auto flow = start();
  REQUIRE(flow);
  CHECK(
      flow->link().starts_with("https://login.example.org/authorize?response_type=code&client_id=client-1&"));
  const auto query = server.agree(flow->link());
  const auto tokens = flow->finish(query, {});
  REQUIRE(tokens);
  CHECK(server.takes(tokens->access_token.expose()));
  const auto stored = store.load();
  REQUIRE(stored);
  REQUIRE(*stored);
  CHECK((*stored)->access_token == tokens->access_token);
  CHECK((*stored)->refresh_token == tokens->refresh_token);
  CHECK((*stored)->requested_scope == "a b");
  CHECK((*stored)->issuer == issuer);
  CHECK((*stored)->resource == resource);
}

TEST_CASE_METHOD(Fixture, "Who is told of sign-ins hears of one before it is stored and after it") {
  std::vector<bool> stored;
  context.changes = [&] { stored.push_back(store.load().value().has_value()); };
  const auto flow = start();
  REQUIRE(flow);
  CHECK(stored.empty());
  REQUIRE(flow->finish(server.agree(flow->link()), {}));
  CHECK(stored == std::vector<bool>{false, true});
}

TEST_CASE_METHOD(Fixture, "No sign-in takes the answer to another one, nor has its challenge") {
  auto field = [](const CodeFlow& flow, std::string_view name) {
    const auto query = flow.link().substr(flow.link().find('?') + 1);
    return std::string(Form::decode(query).value().get(name).value());
  };
  const auto one = start();
  const auto two = start();
  CHECK(field(*one, "code_challenge") != field(*two, "code_challenge"));
  CHECK(one->finish(server.agree(two->link()), {}).error().kind == Kind::foreign);
}

TEST_CASE_METHOD(Fixture, "The registration is stored before the browser opens, and used again") {
  REQUIRE(start());
  REQUIRE(start());
  CHECK(server.registrations == 1);
  REQUIRE(start("a b c"));  // it was not registered for that
  CHECK(server.registrations == 2);
  CHECK((*store.load_client(issuer, resource))->scope == "a b c");
}

TEST_CASE_METHOD(Fixture, "A keychain that can't be used stops the sign-in before anything is sent") {
  const auto asked_for = request();
  const auto before = http.asked().size();
  keychain.read_failure = Error{ErrorCode::keychain_locked, "Locked.", "Unlock."};
  const auto flow = CodeFlow::start(context, asked_for, redirect_uri, make_state(), {});
  CHECK(flow.error().code == ErrorCode::keychain_locked);
  CHECK(http.asked().size() == before);
}

TEST_CASE_METHOD(Fixture, "A foreign or forged callback gets no request to the token endpoint") {
  const auto flow = start();
  const auto good = server.agree(flow->link());
  const auto with_wrong_iss = good.substr(0, good.find("&iss=")) + "&iss=https%3A%2F%2Fevil.example";
  CHECK(flow->finish("code=x&state=y", {}).error().kind == Kind::foreign);
  CHECK(flow->finish(with_wrong_iss, {}).error().kind == Kind::wrong_issuer);
  CHECK(flow->finish(good.substr(0, good.find("&iss=")), {}).error().kind == Kind::wrong_issuer);
  CHECK(http.count("POST https://login.example.org/token") == 0);
  CHECK(flow->finish(good, {}));
}

TEST_CASE_METHOD(Fixture, "A client that the server has forgotten is made anew at the next sign-in") {
  const auto flow = start();
  const auto query = server.agree(flow->link());
  server.forget_clients();
  const auto failed = flow->finish(query, {});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().kind == Kind::failed);
  CHECK_FALSE(*store.load_client(issuer, resource));
  const auto again = start();
  CHECK(again->finish(server.agree(again->link()), {}));
  CHECK(server.registrations == 2);
}

TEST_CASE_METHOD(Fixture, "After a sign-in that nobody finished the client is made anew, too") {
  const auto flow = start();
  flow->abandon();
  REQUIRE(start());
  CHECK(server.registrations == 2);
}

TEST_CASE_METHOD(Fixture, "Giving up leaves a newer registration of another process alone") {
  const auto flow = start();
  OAuthClient newer = *(*store.load_client(issuer, resource));
  newer.client_id = "newer";
  REQUIRE(store.save_client(newer, resource));
  flow->abandon();
  CHECK((*store.load_client(issuer, resource))->client_id == "newer");
}

TEST_CASE_METHOD(Fixture, "A dead or slow token endpoint fails the sign-in and keeps the client") {
  const auto flow = start();
  server.token_status = 503;
  const auto failed = flow->finish(server.agree(flow->link()), {});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().kind == Kind::failed);
  CHECK(*store.load_client(issuer, resource));
  CHECK_FALSE(*store.load());
}

TEST_CASE_METHOD(Fixture, "A client that the person brought is used as it is, and with its own server only") {
  settings.client_id = "client-by-hand";
  const auto flow = start();
  CHECK(flow->link().find("client_id=client-by-hand&") != std::string::npos);
  CHECK(server.registrations == 0);
  OAuthClient client;
  client.origin = OAuthClient::Origin::pre_registered;
  client.issuer = "https://other.example";
  client.client_id = "client-by-hand";
  TokenResponse response;
  response.access_token = Secret("token-of-another-server");
  REQUIRE(store.save(make_tokens(response, client, resource, "")));
  CHECK(start().error().code == ErrorCode::forbidden);
  settings.client_id = "another-client";
  CHECK(start());
}

TEST_CASE_METHOD(Fixture,
                 "A secret that the person gave once is kept with its client, and used for no other") {
  auto who = [&] { return *client_for(context, request(), {}); };
  settings.client_id = "client-by-hand";
  CHECK(who().secret.empty());
  settings.client_secret = Secret("secret-by-hand");
  TokenResponse response;
  response.access_token = Secret("token");
  REQUIRE(keep(context, request(), who(), response, {}));
  settings.client_secret = Secret();
  CHECK(who().secret == Secret("secret-by-hand"));
  CHECK(who().authentication == ClientAuthentication::client_secret_basic);
  settings.client_id = "another-client";
  CHECK(who().secret.empty());
  settings.client_id.reset();
  CHECK(who().client_id == "client-1");
}
