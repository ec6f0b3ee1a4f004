#include "clickflow/auth/session_store.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "support/fake_keychain.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using namespace clickflow::auth;
using clickflow::testing::FakeKeychain;
using clickflow::testing::TemporaryFolder;

namespace {

const SessionIdentity identity{"default", "https://api.example.com/mcp", ""};
const std::string issuer = "https://login.example.org";
const std::string resource = "https://api.example.com/mcp";

Tokens tokens(const std::string& access_token, const std::string& at = issuer) {
  Tokens result;
  result.issuer = result.client.issuer = at;
  result.resource = resource;
  result.client.client_id = "c1";
  result.access_token = Secret(access_token);
  return result;
}

struct Fixture {
  TemporaryFolder folder;
  FakeKeychain keychain;
  SessionStore store = for_identity(identity);
  SessionStore for_identity(const SessionIdentity& other) { return {keychain, other, folder.path()}; }
};

}  // namespace

TEST_CASE("No two identities, issuers, resources or kinds share a key") {
  std::set<std::string> keys;
  size_t count = 0;
  for (const char* kind : {"tokens", "client"}) {
    for (const char* profile : {"default", "work", ""}) {
      for (const char* endpoint : {"https://a.example/mcp", "https://b.example/mcp"}) {
        for (const char* organization : {"", "org_1", "org_2"}) {
          for (const char* at : {"https://i.example", "https://i.example/"}) {
            for (const char* what : {"https://a.example/mcp", "https://a.example"}) {
              keys.insert(store_key(kind, {profile, endpoint, organization}, at, what));
              ++count;
            }
          }
        }
      }
    }
  }
  CHECK(keys.size() == count);
  CHECK(store_key("x", {"ab", "c", ""}, "", "") != store_key("x", {"a", "bc", ""}, "", ""));
  CHECK(store_key("x", {"a", "", "b"}, "", "") != store_key("x", {"a", "b", ""}, "", ""));
  for (const auto& key : keys) {
    CHECK(key.size() <= 255);
    CHECK(std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; }));
  }
}

TEST_CASE_METHOD(Fixture, "What is saved is loaded, by this identity alone") {
  CHECK_FALSE(*store.load());
  REQUIRE(store.save(tokens("first-token")));
  CHECK((*store.load())->access_token == Secret("first-token"));
  for (const auto& other : {SessionIdentity{"work", identity.endpoint, ""},
                            SessionIdentity{"default", "https://api.example.com/mcp2", ""},
                            SessionIdentity{"default", identity.endpoint, "org_1"}}) {
    auto stranger = for_identity(other);
    CHECK_FALSE(*stranger.load());
    CHECK_FALSE(*stranger.load_client(issuer, resource));
    REQUIRE(stranger.forget());
  }
  CHECK(*store.load());
}

TEST_CASE_METHOD(Fixture, "A sign-in elsewhere takes the place of the one before, and leaves nothing of it") {
  REQUIRE(store.save_client(tokens("x").client, resource));
  REQUIRE(store.save(tokens("first-token")));
  REQUIRE(store.save(tokens("second-token", "https://other.example")));
  CHECK((*store.load())->issuer == "https://other.example");
  CHECK_FALSE(*store.load_client(issuer, resource));
  CHECK(keychain.keys().size() == 2);
}

TEST_CASE_METHOD(Fixture, "A client is kept for its issuer") {
  REQUIRE(store.save_client(tokens("x").client, resource));
  CHECK((*store.load_client(issuer, resource))->client_id == "c1");
  CHECK_FALSE(*store.load_client(issuer + "/", resource));
  CHECK_FALSE(*store.load_client(issuer, resource + "/"));
  REQUIRE(store.remove_client(issuer, resource));
  CHECK_FALSE(*store.load_client(issuer, resource));
}

TEST_CASE_METHOD(Fixture, "Forgetting leaves nothing behind, however little there is or however broken") {
  REQUIRE(store.forget());
  REQUIRE(store.save_client(tokens("x").client, resource));
  REQUIRE(store.save(tokens("first-token")));
  REQUIRE(store.forget());
  CHECK(keychain.keys().empty());
  REQUIRE(keychain.write(store_key("server", identity, "", ""), Secret("broken")));
  CHECK(store.load().error().code == ErrorCode::keychain_damaged);
  REQUIRE(store.forget());
  CHECK_FALSE(*store.load());
}

TEST_CASE_METHOD(Fixture, "Damaged entries are told as that, and a new sign-in replaces them") {
  REQUIRE(store.save(tokens("first-token")));
  const auto key = store_key("tokens", identity, issuer, resource);
  REQUIRE(keychain.write(key, Secret("{\"version\":1")));
  CHECK(store.load().error().code == ErrorCode::keychain_damaged);
  REQUIRE(keychain.write(key, serialize(tokens("x", "https://other.example"))));
  CHECK(store.load().error().code == ErrorCode::keychain_damaged);
  REQUIRE(keychain.write(store_key("server", identity, "", ""), Secret("broken")));
  REQUIRE(store.save(tokens("second-token")));
  CHECK((*store.load())->access_token == Secret("second-token"));
}

TEST_CASE_METHOD(Fixture, "The tokens are written before the note that points to them") {
  keychain.write_failure = Error{ErrorCode::keychain_locked, "Locked.", "Unlock."};
  CHECK(store.save(tokens("first-token")).error().code == ErrorCode::keychain_locked);
  CHECK(keychain.writes == 1);
  keychain.write_failure.reset();
  CHECK_FALSE(*store.load());
}

TEST_CASE_METHOD(Fixture, "The keychain's failures come through") {
  REQUIRE(store.save(tokens("first-token")));
  keychain.read_failure = Error{ErrorCode::keychain_locked, "Locked.", "Unlock."};
  CHECK(store.load().error().code == ErrorCode::keychain_locked);
  CHECK(store.save(tokens("x")).error().code == ErrorCode::keychain_locked);
  CHECK(store.forget().error().code == ErrorCode::keychain_locked);
}

TEST_CASE_METHOD(Fixture, "The lock is one for an identity, with a limit and a way out") {
  const auto held = store.lock({}, std::chrono::seconds(5));
  REQUIRE(held);
  CHECK(for_identity({"work", identity.endpoint, ""}).lock({}, std::chrono::seconds(5)));
  auto same = for_identity(identity);
  CHECK(same.lock({}, std::chrono::milliseconds(1)).error().code == ErrorCode::timed_out);
  Cancellation cancelled;
  cancelled.cancel();
  CHECK(same.lock(cancelled, std::chrono::seconds(60)).error().code == ErrorCode::cancelled);
}
