#include "clickflow/remote/authorized_client.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "../../src/remote/reconnecting.h"
#include "support/receivers.h"
#include "support/scripted_client.h"
#include "support/scripted_tokens.h"

using namespace clickflow;
using namespace clickflow::testing;
using remote::AuthorizedClient;
using remote::Rests;

namespace {

const Url resource = Url::parse("https://api.clickflow.com/v1/mcp").value();

std::string authorization(const http::Request& request) {
  return std::string(request.headers.get("Authorization").value_or("none"));
}

// Takes one token and refuses every other.
ScriptedClient::Handler taking(const std::string& token) {
  return [token](const http::Request& request, const Cancellation&) {
    if (authorization(request) == "Bearer " + token) return Played::json("\"yours\"");
    return Played{401, {{"WWW-Authenticate", "Bearer error=\"invalid_token\""}}, {"go", " away"}, {}};
  };
}

}  // namespace

TEST_CASE("The token goes to the resource's origin") {
  ScriptedClient http(taking("one"));
  ScriptedTokens tokens({"one"});
  AuthorizedClient client(http, tokens, resource);
  auto request = post(resource.with_target("/v1/other?x=1"));
  request.headers = {{"Authorization", "Basic from-elsewhere"}, {"X-A", "1"}};
  Received received;
  REQUIRE(client.send(request, received, {}));
  CHECK(received.body == "\"yours\"");
  CHECK(http.requests().at(0).headers.all("Authorization").size() == 1);
  CHECK(authorization(http.requests().at(0)) == "Bearer one");
  CHECK(http.requests().at(0).headers.get("X-A") == "1");
}

TEST_CASE("The token goes to no other origin") {
  ScriptedClient http([](const http::Request&, const Cancellation&) { return Played::nothing(401); });
  ScriptedTokens tokens({"one", "two"});
  AuthorizedClient client(http, tokens, resource);
  const auto url = GENERATE("http://api.clickflow.com/v1/mcp", "https://api.clickflow.com:8443/v1/mcp",
                            "https://clickflow.com/", "https://api.clickflow.com.evil.net/",
                            "https://xapi.clickflow.com/", "http://localhost/");
  Received received;
  REQUIRE(client.send(get(Url::parse(url).value()), received, {}));
  CHECK(authorization(http.requests().at(0)) == "none");
  CHECK(http.requests().size() == 1);
  CHECK(received.head->status == 401);
  CHECK(tokens.refusals.empty());
}

TEST_CASE("Without a token a request goes out without one") {
  ScriptedClient http([](const http::Request&, const Cancellation&) { return Played::json("{}"); });
  ScriptedTokens tokens;
  AuthorizedClient client(http, tokens, resource);
  Received received;
  REQUIRE(client.send(get(resource), received, {}));
  CHECK(authorization(http.requests().at(0)) == "none");
}

TEST_CASE("A refused token is renewed once, and the receiver sees nothing of the refusal") {
  ScriptedClient http(taking("two"));
  ScriptedTokens tokens({"one", "two"});
  AuthorizedClient client(http, tokens, resource);
  Received received;
  REQUIRE(client.send(post(resource, "{\"a\":1}"), received, {}));
  CHECK(received.head->status == 200);
  CHECK(received.body == "\"yours\"");
  REQUIRE(http.requests().size() == 2);
  CHECK(http.requests()[1].body == "{\"a\":1}");
  CHECK(authorization(http.requests()[1]) == "Bearer two");
  REQUIRE(tokens.refusals.size() == 1);
  CHECK(tokens.used_tokens[0] == "one");
  CHECK(tokens.refusals[0].status == 401);
  CHECK(tokens.refusals[0].url.to_string() == resource.to_string());
  CHECK(tokens.refusals[0].body == "go away");
  CHECK(tokens.refusals[0].headers.get("WWW-Authenticate") == "Bearer error=\"invalid_token\"");
}

TEST_CASE("A new token that is refused as well is not renewed again") {
  ScriptedClient http(taking("three"));
  ScriptedTokens tokens({"one", "two", "three"});
  AuthorizedClient client(http, tokens, resource);
  Received received;
  const auto sent = client.send(post(resource), received, {});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::unauthenticated);
  CHECK(http.requests().size() == 2);
  CHECK_FALSE(received.head);
}

TEST_CASE("Where renewal fails its words are the failure, and nothing is sent again") {
  ScriptedClient http(taking("none of them"));
  ScriptedTokens tokens({"one"});
  AuthorizedClient client(http, tokens, resource);
  Received received;
  const auto sent = client.send(post(resource), received, {});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().what == "Nobody knows you.");
  CHECK(http.requests().size() == 1);
  CHECK_FALSE(received.head);
}

TEST_CASE("Where a renewal is lost on its way the request is not: it certainly was not carried out") {
  const auto code = GENERATE(ErrorCode::lost, ErrorCode::timed_out);
  const bool at_once = GENERATE(true, false);
  ScriptedClient http(taking("two"));
  ScriptedTokens tokens({"one"});
  (at_once ? tokens.failure : tokens.renewal_failure) = Error{code, "It broke.", "Try again later."};
  AuthorizedClient client(http, tokens, resource);
  Received received;
  const auto sent = client.send(post(resource), received, {});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::unreachable);
  CHECK(sent.error().message() == "It broke. Try again later.");
}

TEST_CASE("Where something is wrong with how one signs in, the server does not know us") {
  const auto code = GENERATE(ErrorCode::protocol, ErrorCode::rejected, ErrorCode::unreachable);
  ScriptedClient http(taking("two"));
  ScriptedTokens tokens({"one"});
  tokens.renewal_failure = Error{code, "The sign-in server is odd.", "Tell somebody."};
  AuthorizedClient client(http, tokens, resource);
  Received received;
  const auto sent = client.send(post(resource), received, {});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == (code == ErrorCode::protocol ? ErrorCode::unauthenticated : code));
  CHECK(sent.error().what == "The sign-in server is odd.");
}

TEST_CASE("Where no token can be had nothing is sent") {
  ScriptedClient http(taking("one"));
  ScriptedTokens tokens({"one"});
  tokens.failure = Error{ErrorCode::cancelled, "No.", ""};
  AuthorizedClient client(http, tokens, resource);
  Received received;
  CHECK(client.send(post(resource), received, {}).error().what == "No.");
  CHECK(http.requests().empty());
}

TEST_CASE("After a sign-out in between nothing is sent but what the request had of its own") {
  struct SignedOut : ScriptedTokens {
    SignedOut() : ScriptedTokens({"one", "two"}) {}
    Result<std::optional<Secret>> token(const auth::Occasion& occasion) override {
      if (!refusals.empty()) return std::nullopt;
      return ScriptedTokens::token(occasion);
    }
  };
  ScriptedClient http([](const http::Request&, const Cancellation&) { return Played::nothing(401); });
  SignedOut tokens;
  AuthorizedClient client(http, tokens, resource);
  Received received;
  CHECK_FALSE(client.send(get(resource), received, {}));
  REQUIRE(http.requests().size() == 2);
  CHECK(authorization(http.requests().at(0)) == "Bearer one");
  CHECK(authorization(http.requests().at(1)) == "none");
}

TEST_CASE("A 403 is about the token only where the challenge says so") {
  struct Row {
    const char* challenge;
    bool refusal;
  };
  const auto row =
      GENERATE(Row{"Bearer error=\"insufficient_scope\", scope=\"a\"", true},
               Row{"Bearer error=insufficient_scope", true}, Row{"Bearer error=\"invalid_token\"", false},
               Row{"Bearer", false}, Row{"Basic error=\"insufficient_scope\"", false}, Row{"", false});
  CAPTURE(row.challenge);
  ScriptedClient http([&](const http::Request&, const Cancellation&) {
    return Played{403, {{"WWW-Authenticate", row.challenge}}, {R"({"detail":"Insufficient scope"})"}, {}};
  });
  ScriptedTokens tokens({"one"});
  AuthorizedClient client(http, tokens, resource);
  Received received;
  const auto sent = client.send(post(resource), received, {});
  CHECK(sent.has_value() != row.refusal);
  CHECK(tokens.refusals.size() == (row.refusal ? 1u : 0u));
  if (!row.refusal) CHECK(received.body == R"({"detail":"Insufficient scope"})");
}

TEST_CASE("A sign-in may turn out to need more scopes, which are asked for in turn") {
  ScriptedClient http([](const http::Request& request, const Cancellation&) {
    const auto token = authorization(request);
    if (token == "Bearer all") return Played::json("\"yours\"");
    if (token == "Bearer old") return Played::nothing(401).with("WWW-Authenticate", "Bearer");
    const std::string scope = token == "Bearer new" ? "a" : "b";
    return Played::nothing(403).with("WWW-Authenticate",
                                     "Bearer error=\"insufficient_scope\", scope=\"" + scope + "\"");
  });
  ScriptedTokens tokens({"old", "new", "with a", "all"});
  AuthorizedClient client(http, tokens, resource);
  Received received;
  REQUIRE(client.send(post(resource, "{\"a\":1}"), received, {}));
  CHECK(received.body == "\"yours\"");
  CHECK(received.head->status == 200);
  CHECK(tokens.used_tokens == std::vector<std::string>{"old", "new", "with a"});
  CHECK(tokens.refusals.at(1).headers.get("WWW-Authenticate")->ends_with("scope=\"a\""));
  CHECK(tokens.refusals.at(2).status == 403);
  REQUIRE(http.requests().size() == 4);
  for (const auto& request : http.requests()) CHECK(request.body == "{\"a\":1}");
}

TEST_CASE("A server that is never content is sent a request four times, and no more") {
  const bool at_first_unknown = GENERATE(true, false);
  ScriptedClient http([&](const http::Request& request, const Cancellation&) {
    if (at_first_unknown && authorization(request) == "Bearer 1") return Played::nothing(401);
    return Played::nothing(403).with("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"x\"");
  });
  ScriptedTokens tokens({"1", "2", "3", "4", "5", "6"});
  AuthorizedClient client(http, tokens, resource);
  Received received;
  const auto sent = client.send(post(resource), received, {});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::unauthenticated);
  CHECK(http.requests().size() == 4);
  CHECK(tokens.refusals.size() == 3);
  CHECK_FALSE(received.head);
}

TEST_CASE("After a step-up a token that is unknown is the end of it") {
  ScriptedClient http([](const http::Request& request, const Cancellation&) {
    if (authorization(request) == "Bearer 1")
      return Played::nothing(403).with("WWW-Authenticate",
                                       "Bearer error=\"insufficient_scope\", scope=\"x\"");
    return Played::nothing(401);
  });
  ScriptedTokens tokens({"1", "2", "3"});
  AuthorizedClient client(http, tokens, resource);
  Received received;
  CHECK(client.send(post(resource), received, {}).error().code == ErrorCode::unauthenticated);
  CHECK(http.requests().size() == 2);
}

TEST_CASE("A sign-in wakes once the server has taken it, after a refusal and no other time") {
  std::string taken = "none";
  ScriptedClient http([&](const http::Request& request, const Cancellation&) {
    if (request.method == "GET" && authorization(request) != "Bearer " + taken) return Played::nothing(401);
    return Played::json("{}");
  });
  ScriptedTokens tokens;
  AuthorizedClient client(http, tokens, resource);
  const auto rests = std::make_shared<Rests>();
  client.wake_on_sign_in(rests);
  Received received;
  CHECK(client.send(post(resource), received, {}));
  CHECK_FALSE(client.send(get(resource), received, {}));
  CHECK(client.send(post(resource), received, {}));  // the server lets this through without a credential
  CHECK(rests->wakes() == 0);

  tokens.sign_in("one");
  CHECK_FALSE(client.send(get(resource), received, {}));  // refused with that token:
  CHECK(client.send(post(resource), received, {}));       // it is not news that it is good for something else
  CHECK(rests->wakes() == 0);

  tokens.sign_in("two");
  taken = "two";
  CHECK(client.send(get(resource), received, {}));
  CHECK(rests->wakes() == 1);
  CHECK(client.send(get(resource), received, {}));
  CHECK(rests->wakes() == 1);
}

TEST_CASE("A sign-in wakes all who rest, while there are any") {
  std::string taken = "one";
  ScriptedClient http([&](const http::Request& request, const Cancellation&) {
    return authorization(request) == "Bearer " + taken ? Played::json("{}") : Played::nothing(401);
  });
  ScriptedTokens tokens;
  AuthorizedClient client(http, tokens, resource);
  auto first = std::make_shared<Rests>();
  const auto second = std::make_shared<Rests>();
  client.wake_on_sign_in(first);
  client.wake_on_sign_in(second);
  Received received;
  CHECK_FALSE(client.send(get(resource), received, {}));
  tokens.sign_in("one");
  CHECK(client.send(get(resource), received, {}));
  CHECK(first->wakes() == 1);
  CHECK(second->wakes() == 1);

  first.reset();
  const auto third = std::make_shared<Rests>();
  client.wake_on_sign_in(third);
  taken = "two";
  CHECK_FALSE(client.send(get(resource), received, {}));
  tokens.sign_in("two");
  CHECK(client.send(get(resource), received, {}));
  CHECK(second->wakes() == 2);
  CHECK(third->wakes() == 1);
}

TEST_CASE("A refusal of any length is a refusal, and 64 KiB of it are kept") {
  const std::string piece(10'000, 'x');
  ScriptedClient http([&](const http::Request& request, const Cancellation&) {
    if (authorization(request) == "Bearer two") return Played::json("{}");
    return Played{401, {}, std::vector<std::string>(100, piece), {}};
  });
  ScriptedTokens tokens({"one", "two"});
  AuthorizedClient client(http, tokens, resource);
  Received received;
  REQUIRE(client.send(post(resource), received, {}));
  CHECK(tokens.refusals.at(0).body.size() == 64 * 1024);
}

TEST_CASE("Every other answer and failure passes as it is") {
  const int status = GENERATE(200, 202, 302, 400, 404, 405, 429, 500, 503);
  ScriptedClient http([&](const http::Request&, const Cancellation&) {
    return Played{status, {{"X-A", "b"}}, {"c"}, {}};
  });
  ScriptedTokens tokens({"one", "two"});
  AuthorizedClient client(http, tokens, resource);
  Received received;
  REQUIRE(client.send(post(resource), received, {}));
  CHECK(received.head->status == status);
  CHECK(received.head->headers.get("X-A") == "b");
  CHECK(received.body == "c");
  CHECK(http.requests().size() == 1);

  ScriptedClient broken(
      [](const http::Request&, const Cancellation&) { return Played::broken(ErrorCode::lost); });
  AuthorizedClient other(broken, tokens, resource);
  CHECK(other.send(post(resource), received, {}).error().code == ErrorCode::lost);
  CHECK(broken.requests().size() == 1);
}
