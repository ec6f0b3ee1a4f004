#include "clickflow/auth/oauth_session.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <memory>
#include <thread>

#include "clickflow/auth/code_flow.h"
#include "support/fake_authorization_server.h"
#include "support/fake_clock.h"
#include "support/fake_keychain.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using namespace clickflow::auth;
using namespace clickflow::testing;
using std::chrono::seconds;

namespace {

const std::string issuer = "https://login.example.org";
const std::string resource = "https://api.example.com/mcp";
const Url endpoint = *Url::parse(resource);

// A person with a browser who always agrees, unless told otherwise.
class Person : public SignIn {
 public:
  Person(SignInContext context, FakeAuthorizationServer& server) : context_(context), server_(&server) {}

  Result<void> sign_in(const SignInRequest& request, const std::function<Result<bool>()>& done,
                       const Occasion&) override {
    std::lock_guard lock(mutex_);
    if (const auto already = done(); !already || *already)
      return already ? Result<void>() : answer(already.error());
    ++browsers;
    scopes.push_back(request.scope.to_string());
    if (failure) return answer(*failure);
    const auto flow = CodeFlow::start(context_, request, loopback_redirect_uri, make_state(), {});
    if (!flow) return answer(flow.error());
    const auto tokens = flow->finish(server_->agree(flow->link()), {});
    if (!tokens) return answer(tokens.error().error);
    return {};
  }

  void use(FakeAuthorizationServer& server) { server_ = &server; }

  std::optional<Error> failure;
  std::atomic<int> browsers = 0;
  std::vector<std::string> scopes;

 private:
  static tl::unexpected<Error> answer(const Error& error) { return tl::make_unexpected(error); }

  SignInContext context_;
  FakeAuthorizationServer* server_;
  std::mutex mutex_;
};

// One program on the person's machine: what it shares with the others is the keychain, the locks and the
// network.
struct Program {
  Program(FakeHttp& http, FakeKeychain& keychain, const TemporaryFolder& folder, FakeClock& clock,
          FakeAuthorizationServer& server)
      : store(keychain, {"default", resource, ""}, folder.path()),
        person({http, store, settings, clock}, server),
        session(endpoint, http, store, person, clock) {}

  ClientSettings settings;
  SessionStore store;
  Person person;
  OAuthSession session;
};

struct Fixture {
  TemporaryFolder folder;
  FakeHttp http;
  FakeClock clock;
  FakeKeychain keychain;
  FakeAuthorizationServer server{http, issuer, resource};
  std::unique_ptr<Program> program = start();
  Occasion using_it{.cancellation = {}, .interactive = true, .notice = {}};
  Occasion by_itself;

  std::unique_ptr<Program> start() {
    return std::make_unique<Program>(http, keychain, folder, clock, server);
  }

  static Refusal refusal(int status = 401, const std::string& challenge = "Bearer") {
    return {endpoint, status, {{"WWW-Authenticate", challenge}}, {}};
  }
  std::optional<Secret> token(const Occasion& occasion) {
    const auto result = program->session.token(occasion);
    REQUIRE(result);
    return *result;
  }
  // As the bridge does it: a request with what there is, and one renewal after a 401.
  static Result<void> call(Program& program, FakeAuthorizationServer& server, const Occasion& occasion) {
    std::optional<Secret> used;
    for (int attempt = 0;; ++attempt) {
      const auto got = program.session.token(occasion);
      if (!got) return tl::make_unexpected(got.error());
      if (*got && server.takes((*got)->expose())) return {};
      if (attempt == 1) return fail(ErrorCode::unauthenticated, "Refused twice.", "");
      if (auto renewed = program.session.renew(refusal(), *got, occasion); !renewed) return renewed;
    }
  }
  Result<void> call() { return call(*program, server, using_it); }
  Tokens stored() {
    const auto tokens = program->store.load();
    REQUIRE(tokens);
    REQUIRE(*tokens);
    return **tokens;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "Signed out, requests go without a token, and the first refusal opens one browser") {
  CHECK_FALSE(token(using_it));
  CHECK(http.asked().empty());
  REQUIRE(call());
  CHECK(program->person.browsers == 1);
  CHECK(token(by_itself) == stored().access_token);
}

TEST_CASE_METHOD(Fixture, "What runs by itself never opens a browser, and says what the person can do") {
  const auto renewed = program->session.renew(refusal(), {}, by_itself);
  REQUIRE_FALSE(renewed);
  CHECK(renewed.error().code == ErrorCode::unauthenticated);
  CHECK(renewed.error().message() ==
        "You are not signed in to https://api.example.com. Sign in with `clickflow-mcp login`.");
  CHECK(program->person.browsers == 0);
}

TEST_CASE_METHOD(Fixture, "Many calls that are signed out look around once, and open one browser") {
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      if (call(*program, server, using_it)) ++good;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == 8);
  CHECK(program->person.browsers == 1);
  CHECK(http.count("GET https://api.example.com/.well-known/oauth-protected-resource/mcp") == 1);
}

TEST_CASE_METHOD(Fixture, "Signed out, what was found out lasts five seconds, for the same challenge") {
  auto asked = [&] {
    return http.count("GET https://api.example.com/.well-known/oauth-protected-resource/mcp");
  };
  auto refused = [&](const std::string& challenge) {
    CHECK_FALSE(program->session.renew(refusal(401, challenge), {}, by_itself));
  };
  refused("Bearer");
  refused("Bearer");
  CHECK(asked() == 1);
  refused("Bearer resource_metadata=\"" + resource + "/elsewhere\"");
  CHECK(asked() == 2);
  clock.pass(seconds(5));
  refused("Bearer resource_metadata=\"" + resource + "/elsewhere\"");
  CHECK(asked() == 3);
}

TEST_CASE_METHOD(Fixture, "After a restart there is neither a browser nor a request to anybody") {
  REQUIRE(call());
  const auto before = http.asked().size();
  program = start();
  CHECK(token(by_itself) == stored().access_token);
  CHECK(http.asked().size() == before);
  CHECK(program->person.browsers == 0);
}

TEST_CASE_METHOD(Fixture, "A token that is about to expire is renewed first, with what is stored") {
  REQUIRE(call());
  const auto old = stored();
  clock.pass(seconds(3550));
  const auto next = token(by_itself);
  CHECK_FALSE(next == old.access_token);
  CHECK(stored().access_token == next);
  CHECK_FALSE(stored().refresh_token == old.refresh_token);
  CHECK(server.refreshes == 1);
  CHECK(server.reuses == 0);
}

TEST_CASE_METHOD(Fixture, "A restarted program finds the token endpoint by the issuer that is stored") {
  REQUIRE(call());
  clock.pass(seconds(4000));
  program = start();
  const auto before = http.asked().size();
  REQUIRE(token(by_itself));
  const auto asked = http.asked();
  CHECK(std::vector(asked.begin() + static_cast<std::ptrdiff_t>(before), asked.end()) ==
        std::vector<std::string>{"GET https://login.example.org/.well-known/oauth-authorization-server",
                                 "POST https://login.example.org/token"});
}

TEST_CASE_METHOD(Fixture, "A token that the server refuses early is renewed without a person") {
  REQUIRE(call());
  server.expire_access_tokens();
  REQUIRE(call(*program, server, by_itself));
  CHECK(server.refreshes == 1);
  CHECK(program->person.browsers == 1);
}

TEST_CASE_METHOD(Fixture, "A dead sign-in is forgotten, and only somebody who is there is asked again") {
  REQUIRE(call());
  server.revoke_everything();
  const auto used = token(by_itself);
  const auto alone = program->session.renew(refusal(), used, by_itself);
  CHECK(alone.error().code == ErrorCode::unauthenticated);
  CHECK(program->person.browsers == 1);
  CHECK_FALSE(*program->store.load());
  CHECK_FALSE(token(by_itself));
  REQUIRE(call());
  CHECK(program->person.browsers == 2);
}

TEST_CASE_METHOD(
    Fixture,
    "A server that is down is transient: no browser, nothing forgotten, a few tries, then patience") {
  REQUIRE(call());
  const auto before = stored();
  server.token_status = GENERATE(500, 503, 429);
  clock.pass(seconds(4000));
  const auto failed = program->session.token(using_it);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::rejected);
  CHECK(server.refreshes == 3);
  CHECK(clock.sleeps() == std::vector<std::chrono::milliseconds>{std::chrono::milliseconds(500), seconds(1)});
  CHECK(stored().access_token == before.access_token);

  const auto early = program->session.token(using_it);
  REQUIRE_FALSE(early);
  CHECK(early.error().remedy == "It will be tried again in 1 s.");
  CHECK_FALSE(program->session.renew(refusal(), before.access_token, using_it));
  CHECK(server.refreshes == 3);

  server.token_status.reset();
  clock.pass(seconds(1));
  CHECK(program->session.token(using_it));
  CHECK(program->person.browsers == 1);
}

TEST_CASE_METHOD(Fixture, "While the server is down a token that is still good is used") {
  REQUIRE(call());
  server.token_status = 503;
  clock.pass(seconds(3550));
  CHECK(token(by_itself) == stored().access_token);
}

TEST_CASE_METHOD(Fixture, "Retry-After is waited for, not slept through") {
  REQUIRE(call());
  server.token_status = 429;
  server.token_headers = {{"Retry-After", "40"}};
  clock.pass(seconds(4000));
  CHECK_FALSE(program->session.token(by_itself));
  CHECK(server.refreshes == 1);
  CHECK(clock.sleeps().empty());
  clock.pass(seconds(39));
  CHECK(program->session.token(by_itself).error().remedy == "It will be tried again in 1 s.");
  server.token_status.reset();
  clock.pass(seconds(1));
  CHECK(program->session.token(by_itself));
}

TEST_CASE_METHOD(Fixture, "A refusal that is neither about the grant nor about the client opens no browser") {
  REQUIRE(call());
  const auto used = token(by_itself);
  server.token_status = GENERATE(400, 403, 404);
  CHECK(program->session.renew(refusal(), used, using_it).error().code == ErrorCode::rejected);
  CHECK(program->person.browsers == 1);
  CHECK(stored().access_token == used);
}

TEST_CASE_METHOD(Fixture, "A forgotten client is dropped and made anew, with a person who is there") {
  REQUIRE(call());
  server.forget_clients();
  server.expire_access_tokens();
  REQUIRE(call());
  CHECK(server.registrations == 2);
  CHECK(program->person.browsers == 2);
  CHECK(stored().client.client_id == "client-2");
}

TEST_CASE_METHOD(Fixture, "A client that the person brought is not dropped, whatever the server says") {
  REQUIRE(call());
  auto tokens = stored();
  tokens.client.origin = OAuthClient::Origin::pre_registered;
  REQUIRE(program->store.save(tokens));
  server.forget_clients();
  const auto failed = program->session.renew(refusal(), tokens.access_token, using_it);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message().find("--client-id") != std::string::npos);
  CHECK(program->person.browsers == 1);
  CHECK(stored().access_token == tokens.access_token);
}

TEST_CASE_METHOD(Fixture, "What another process has renewed is found in the store, without a request") {
  REQUIRE(call());
  auto other = start();
  REQUIRE(other->session.token(by_itself));
  clock.pass(seconds(4000));
  REQUIRE(other->session.token(by_itself));
  CHECK(server.refreshes == 1);
  CHECK(token(by_itself) == stored().access_token);
  CHECK(server.refreshes == 1);
}

TEST_CASE_METHOD(Fixture, "Who lost the race does not delete what the winner has stored") {
  REQUIRE(call());
  const auto used = token(by_itself);
  auto other = start();
  server.expire_access_tokens();
  REQUIRE(other->session.renew(refusal(), used, by_itself));
  const auto winner = stored();
  CHECK(program->session.renew(refusal(), used, by_itself));
  CHECK(token(by_itself) == winner.access_token);
  CHECK(stored().refresh_token == winner.refresh_token);
  CHECK(server.refreshes == 1);
}

TEST_CASE_METHOD(Fixture, "A sign-out in another process is respected") {
  REQUIRE(call());
  const auto used = token(by_itself);
  REQUIRE(start()->store.forget());
  CHECK(program->session.renew(refusal(), used, by_itself).error().code == ErrorCode::unauthenticated);
  CHECK_FALSE(token(by_itself));
  CHECK(server.refreshes == 0);
}

TEST_CASE_METHOD(Fixture, "A sign-in in another process is noticed, by a refusal at once, otherwise soon") {
  CHECK_FALSE(token(by_itself));
  auto other = start();
  REQUIRE(call(*other, server, using_it));
  SECTION("at a refusal") {
    CHECK(program->session.renew(refusal(), {}, by_itself));
    CHECK(token(by_itself) == stored().access_token);
  }
  SECTION("soon") {
    CHECK_FALSE(token(by_itself));
    clock.pass(seconds(2));
    CHECK(token(by_itself) == stored().access_token);
  }
  CHECK(program->person.browsers == 0);
}

TEST_CASE_METHOD(Fixture, "A server that has moved to another issuer gets nothing of the old one's") {
  REQUIRE(call());
  const auto old = stored();
  const std::string other_issuer = "https://new.example.net";
  FakeAuthorizationServer other(http, other_issuer, resource);
  program->person.use(other);
  const auto before = http.asked().size();
  const auto alone = program->session.renew(refusal(), old.access_token, by_itself);
  CHECK(alone.error().code == ErrorCode::unauthenticated);
  CHECK_FALSE(token(by_itself));
  clock.pass(seconds(10));  // the keychain is read again, and still holds the old one's
  CHECK_FALSE(token(by_itself));
  REQUIRE(program->session.renew(refusal(), old.access_token, using_it));
  CHECK(stored().issuer == other_issuer);
  CHECK(other.registrations == 1);
  CHECK(server.refreshes == 0);
  for (size_t i = before; i < http.asked().size(); ++i) {
    CHECK(http.request(i).find(old.refresh_token->expose()) == std::string::npos);
    CHECK(http.request(i).find("login.example.org") == std::string::npos);
  }
}

TEST_CASE_METHOD(Fixture,
                 "A server that refuses what was signed in for a moment ago does not get another browser") {
  server.give_refresh_tokens = false;
  REQUIRE(call());
  const auto used = token(using_it);
  const auto refused = program->session.renew(refusal(), used, using_it);
  CHECK(refused.error().code == ErrorCode::unauthenticated);
  CHECK(program->person.browsers == 1);
  clock.pass(seconds(60));
  CHECK(program->session.renew(refusal(), used, using_it));
  CHECK(program->person.browsers == 2);
}

TEST_CASE_METHOD(Fixture, "Scopes come from the challenge, and are asked for again at the next sign-in") {
  server.server_scopes = R"(["offline_access"])";
  REQUIRE(program->session.renew(refusal(401, R"(Bearer scope="a b")"), {}, using_it));
  server.revoke_everything();
  REQUIRE(program->session.renew(refusal(), stored().access_token, using_it));
  CHECK(program->person.scopes == std::vector<std::string>{"a b offline_access", "a b offline_access"});
}

TEST_CASE_METHOD(Fixture, "A step-up asks for what was granted and what is missing, once") {
  REQUIRE(program->session.renew(refusal(401, R"(Bearer scope="read")"), {}, using_it));
  const auto needs_write = refusal(403, R"(Bearer error="insufficient_scope", scope="write")");
  auto used = stored().access_token;
  CHECK(program->session.renew(needs_write, used, by_itself).error().code == ErrorCode::forbidden);
  REQUIRE(program->session.renew(needs_write, used, using_it));
  CHECK(program->person.scopes == std::vector<std::string>{"read", "read write"});
  CHECK(server.scope_of(stored().access_token.expose()) == "read write");

  used = stored().access_token;
  CHECK(program->session.renew(needs_write, used, using_it).error().code == ErrorCode::forbidden);
  CHECK(program->person.browsers == 2);
}

TEST_CASE_METHOD(Fixture, "A step-up that the person declined is not asked for again") {
  REQUIRE(program->session.renew(refusal(401, R"(Bearer scope="read")"), {}, using_it));
  const auto needs_write = refusal(403, R"(Bearer error="insufficient_scope", scope="write")");
  const auto used = stored().access_token;
  program->person.failure = Error{ErrorCode::rejected, "Declined.", ""};
  CHECK(program->session.renew(needs_write, used, using_it).error().code == ErrorCode::rejected);
  CHECK(program->session.renew(needs_write, used, using_it).error().code == ErrorCode::forbidden);
  CHECK(program->person.browsers == 2);
}

TEST_CASE_METHOD(Fixture, "A step-up that is still under way in the browser may be joined again") {
  REQUIRE(program->session.renew(refusal(401, R"(Bearer scope="read")"), {}, using_it));
  const auto needs_write = refusal(403, R"(Bearer error="insufficient_scope", scope="write")");
  program->person.failure = Error{ErrorCode::unauthenticated, "Open the link.", ""};
  const auto used = stored().access_token;
  CHECK(program->session.renew(needs_write, used, using_it).error().what == "Open the link.");
  program->person.failure.reset();
  CHECK(program->session.renew(needs_write, used, using_it));
}

TEST_CASE_METHOD(Fixture,
                 "A keychain that can't be read is told when a server wants a token, and not before") {
  keychain.read_failure = Error{ErrorCode::keychain_locked, "The keychain is locked.", "Unlock it."};
  CHECK_FALSE(token(using_it));
  CHECK(program->session.renew(refusal(), {}, using_it).error().code == ErrorCode::keychain_locked);
  CHECK(program->person.browsers == 0);
}

TEST_CASE_METHOD(Fixture, "A damaged entry is as good as signed out") {
  REQUIRE(call());
  REQUIRE(
      keychain.write(store_key("tokens", program->store.identity(), issuer, resource), Secret("garbage")));
  program = start();
  CHECK_FALSE(token(using_it));
  REQUIRE(call());
  CHECK(program->person.browsers == 1);
}

TEST_CASE_METHOD(Fixture, "A renewal that can't be stored still serves the one who made it") {
  REQUIRE(call());
  clock.pass(seconds(4000));
  keychain.write_failure = Error{ErrorCode::keychain_refused, "It says no.", "Ask it."};
  const auto next = token(by_itself);
  REQUIRE(next);
  CHECK(server.takes(next->expose()));
}

TEST_CASE_METHOD(Fixture,
                 "A renewal that could not be stored is stored by the next one, which goes on from it") {
  REQUIRE(call());
  const auto old = stored();
  clock.pass(seconds(4000));
  keychain.write_failure = Error{ErrorCode::keychain_refused, "It says no.", "Ask it."};
  REQUIRE(token(by_itself));
  clock.pass(seconds(4000));
  const bool once_more = GENERATE(true, false);
  if (once_more) {
    REQUIRE(token(by_itself));
    CHECK(stored().access_token == old.access_token);
    clock.pass(seconds(4000));
  }
  keychain.write_failure.reset();
  server.during_refresh = [&] { CHECK_FALSE(stored().access_token == old.access_token); };
  const auto last = token(by_itself);
  CHECK(last == stored().access_token);
  CHECK(server.takes(last->expose()));
  CHECK(server.reuses == 0);
  CHECK(program->person.browsers == 1);
}

TEST_CASE_METHOD(Fixture,
                 "A renewal that could not be stored is not given up for the stored one that it replaced") {
  REQUIRE(call());
  keychain.write_failure = Error{ErrorCode::keychain_refused, "It says no.", "Ask it."};
  server.expire_access_tokens();
  REQUIRE(call(*program, server, by_itself));
  const auto used = token(by_itself);
  server.expire_access_tokens();
  REQUIRE(call(*program, server, by_itself));  // what is stored is not due, and dead
  CHECK_FALSE(token(by_itself) == used);
  CHECK(server.refreshes == 2);
  CHECK(server.reuses == 0);
}

TEST_CASE_METHOD(Fixture,
                 "A renewal whose write comes late, after the next one's has failed, is not sent again") {
  REQUIRE(call());
  auto late = stored();
  keychain.write_failure = Error{ErrorCode::timed_out, "It does not answer.", "Ask it."};
  clock.pass(seconds(4000));
  late.access_token = *token(by_itself);
  const std::string serial(late.access_token.expose().substr(std::string_view("access").size()));
  late.refresh_token = Secret("refresh" + serial);
  clock.pass(seconds(4000));
  const auto newest = token(by_itself);
  keychain.write_failure.reset();
  REQUIRE(program->store.save(late));
  clock.pass(seconds(4000));
  CHECK_FALSE(token(by_itself) == newest);
  CHECK(token(by_itself) == stored().access_token);
  CHECK(server.refreshes == 3);
  CHECK(server.reuses == 0);
}

TEST_CASE_METHOD(Fixture,
                 "What another process has stored meanwhile goes before a renewal that could not be") {
  REQUIRE(call());
  keychain.write_failure = Error{ErrorCode::keychain_refused, "It says no.", "Ask it."};
  server.expire_access_tokens();
  REQUIRE(call(*program, server, by_itself));
  const auto used = token(by_itself);
  keychain.write_failure.reset();
  auto other = start();
  REQUIRE(other->store.forget());
  REQUIRE(call(*other, server, using_it));
  REQUIRE(program->session.renew(refusal(), used, by_itself));
  CHECK(token(by_itself) == stored().access_token);
  CHECK(server.refreshes == 1);
}

TEST_CASE_METHOD(Fixture, "A renewal that could not be stored and is dead takes the stored one with it") {
  REQUIRE(call());
  keychain.write_failure = Error{ErrorCode::keychain_refused, "It says no.", "Ask it."};
  server.expire_access_tokens();
  REQUIRE(call(*program, server, by_itself));
  const auto used = token(by_itself);
  server.revoke_everything();
  const bool can_be_removed = GENERATE(true, false);
  // The renewal's last try to store what it has comes before the removal.
  if (can_be_removed) server.during_refresh = [&] { keychain.write_failure.reset(); };
  CHECK(program->session.renew(refusal(), used, by_itself).error().code == ErrorCode::unauthenticated);
  CHECK(program->store.load()->has_value() != can_be_removed);
  CHECK(server.refreshes == 2);
  CHECK(server.reuses == 0);
  server.during_refresh = {};
  keychain.write_failure.reset();
  REQUIRE(program->session.renew(refusal(), used, using_it));
  CHECK(program->person.browsers == 2);
  CHECK(server.takes(stored().access_token.expose()));
  CHECK(server.reuses == 0);
}

TEST_CASE_METHOD(Fixture, "While one thread renews a token that is still good, the others go on with it") {
  REQUIRE(call());
  const auto old = stored().access_token;
  clock.pass(seconds(3550));
  std::optional<Secret> meanwhile;
  server.during_refresh = [&] { meanwhile = *program->session.token(by_itself); };
  CHECK_FALSE(token(by_itself) == old);
  CHECK(meanwhile == old);
  CHECK(server.refreshes == 1);
}

TEST_CASE_METHOD(Fixture, "A renewal that is not wanted any more ends at once and changes nothing") {
  REQUIRE(call());
  const auto before = stored();
  clock.pass(seconds(4000));
  Occasion cancelled;
  cancelled.cancellation.cancel();
  CHECK(program->session.token(cancelled).error().code == ErrorCode::cancelled);
  CHECK(program->session.renew(refusal(), before.access_token, cancelled).error().code ==
        ErrorCode::cancelled);
  CHECK(stored().access_token == before.access_token);
  CHECK(token(by_itself));
}

TEST_CASE_METHOD(Fixture, "A call that is cancelled in the middle of a renewal keeps what the server gives") {
  REQUIRE(call());
  const auto before = stored();
  const bool early = GENERATE(true, false);
  if (early) {
    server.expire_access_tokens();  // found out by a 401
  } else {
    clock.pass(seconds(4000));
  }
  Occasion impatient;
  server.during_refresh = [&] { impatient.cancellation.cancel(); };
  if (early) {
    CHECK(program->session.renew(refusal(), before.access_token, impatient));
  } else {
    CHECK(program->session.token(impatient));
  }
  server.during_refresh = {};
  CHECK_FALSE(stored().refresh_token == before.refresh_token);
  CHECK(server.takes(stored().access_token.expose()));
  clock.pass(seconds(8000));
  REQUIRE(call());
  CHECK(server.reuses == 0);
  CHECK(program->person.browsers == 1);
}

TEST_CASE_METHOD(Fixture, "A call that is cancelled while the server is down does not ask it again") {
  REQUIRE(call());
  clock.pass(seconds(4000));
  server.token_status = 503;
  Occasion impatient;
  server.during_refresh = [&] { impatient.cancellation.cancel(); };
  CHECK_FALSE(program->session.token(impatient));
  CHECK(server.refreshes == 1);
}

TEST_CASE_METHOD(Fixture,
                 "Ten programs with four threads each that find the token expired make one refresh") {
  REQUIRE(call());
  const bool early = GENERATE(true, false);
  std::vector<std::unique_ptr<Program>> programs;
  for (int i = 0; i < 10; ++i) {
    programs.push_back(start());
    REQUIRE(programs.back()->session.token(by_itself));
  }
  if (early) {
    server.expire_access_tokens();  // found out by a 401
  } else {
    clock.pass(seconds(4000));
  }
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (auto& each : programs) {
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        if (call(*each, server, Occasion{})) ++good;
      });
    }
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == 40);
  CHECK(server.refreshes == 1);
  CHECK(server.reuses == 0);
}

TEST_CASE_METHOD(Fixture, "Ten programs that find a dead sign-in at the same moment ask the server once") {
  REQUIRE(call());
  std::vector<std::unique_ptr<Program>> programs;
  for (int i = 0; i < 10; ++i) {
    programs.push_back(start());
    REQUIRE(programs.back()->session.token(by_itself));
  }
  server.revoke_everything();
  std::atomic<int> signed_out = 0;
  std::vector<std::thread> threads;
  for (auto& each : programs) {
    threads.emplace_back([&] {
      const auto result = call(*each, server, Occasion{});
      if (!result && result.error().code == ErrorCode::unauthenticated) ++signed_out;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(signed_out == 10);
  CHECK(server.refreshes == 1);
}
