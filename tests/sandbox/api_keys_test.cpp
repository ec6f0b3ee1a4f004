#include "clickflow/sandbox/api_keys.h"

#include <catch2/catch_test_macros.hpp>

#include "clickflow/base/file.h"
#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;

namespace {

NewApiKey wanted(std::optional<Time> expires = std::nullopt) {
  return {"Test", "org_abc123", {*mcp::Scope::parse("tools:*")}, expires};
}

struct Store {
  sandbox::testing::Folder folder;
  sandbox::testing::Hands hands;
  std::filesystem::path file = folder.path() / "keys.json";
  ApiKeys keys{file, hands.clock()};
};

}  // namespace

TEST_CASE("A key is known by its whole text and nothing less") {
  Store store;
  const auto made = store.keys.create(wanted());
  REQUIRE(made);
  const std::string text(made->secret.expose());
  CHECK(text.starts_with("cf_ak_"));
  CHECK(text.size() == 38);
  REQUIRE(store.keys.authenticate(text));
  CHECK(store.keys.authenticate(text)->id == made->key.id);
  CHECK_FALSE(store.keys.authenticate(text.substr(0, 37)));
  CHECK_FALSE(store.keys.authenticate(text + "x"));
  CHECK_FALSE(store.keys.authenticate(""));
  CHECK_FALSE(store.keys.authenticate("cf_ak_"));
  CHECK_FALSE(store.keys.authenticate(made->key.sha256));
}

TEST_CASE("The file holds no key, and only its owner may read it") {
  Store store;
  const auto made = store.keys.create(wanted());
  REQUIRE(made);
  const std::string text = *read_file(store.file);
  CHECK(text.find(made->secret.expose().substr(0, 11)) == std::string::npos);
  CHECK(text.find(made->key.sha256) != std::string::npos);
  using std::filesystem::perms;
  CHECK(std::filesystem::status(store.file).permissions() == (perms::owner_read | perms::owner_write));
}

TEST_CASE("A key is active until it expires or is revoked, and its status says so") {
  Store store;
  const auto made = store.keys.create(wanted(store.hands.now() + std::chrono::hours(1)));
  REQUIRE(made);
  const auto status = [&] { return store.keys.list()->front().status(store.hands.now()); };
  CHECK(status() == "active");
  store.hands.move(std::chrono::minutes(59));
  CHECK(store.keys.authenticate(made->secret.expose()));
  store.hands.move(std::chrono::minutes(1));
  CHECK_FALSE(store.keys.authenticate(made->secret.expose()));
  CHECK(status() == "expired");
  CHECK(store.keys.revoke(made->key.id));
  CHECK(status() == "revoked");
}

TEST_CASE("Keys survive a restart") {
  Store store;
  const auto made = store.keys.create(wanted());
  REQUIRE(made);
  ApiKeys again(store.file, store.hands.clock());
  const auto key = again.authenticate(made->secret.expose());
  REQUIRE(key);
  CHECK(key->name == "Test");
  CHECK(key->organization == "org_abc123");
  CHECK(key->scopes.front().text() == "tools:*");
}

TEST_CASE("A key that another process revokes is refused at the next call") {
  Store store;
  const auto made = store.keys.create(wanted());
  REQUIRE(made);
  CHECK(store.keys.authenticate(made->secret.expose()));
  ApiKeys other(store.file, store.hands.clock());
  REQUIRE(other.revoke(made->key.id));
  CHECK_FALSE(store.keys.authenticate(made->secret.expose()));
}

TEST_CASE("The last use is remembered at once, and written only when asked") {
  Store store;
  const auto made = store.keys.create(wanted());
  REQUIRE(made);
  CHECK_FALSE(store.keys.list()->front().last_used);
  store.hands.move(std::chrono::seconds(5));
  const std::string before = *read_file(store.file);
  REQUIRE(store.keys.authenticate(made->secret.expose()));
  CHECK(store.keys.list()->front().last_used == store.hands.now());
  CHECK(*read_file(store.file) == before);
  REQUIRE(store.keys.flush());
  CHECK(ApiKeys(store.file, store.hands.clock()).list()->front().last_used == store.hands.now());
}

TEST_CASE("Writing the last use loses no change that another process made") {
  Store store;
  const auto made = store.keys.create(wanted());
  REQUIRE(made);
  REQUIRE(store.keys.authenticate(made->secret.expose()));
  ApiKeys other(store.file, store.hands.clock());
  REQUIRE(other.create(wanted()));
  REQUIRE(other.revoke(made->key.id));
  REQUIRE(store.keys.flush());
  const auto keys = *other.list();
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].revoked);
  CHECK(keys[0].last_used);
}

TEST_CASE("A damaged key file is said to be damaged, and left alone") {
  Store store;
  REQUIRE(write_file(store.file, "{\"version\": 1, \"keys\": [{\"id\": 3}]}"));
  const auto listed = store.keys.list();
  REQUIRE_FALSE(listed);
  CHECK(listed.error().code == ErrorCode::invalid_input);
  CHECK_FALSE(store.keys.create(wanted()));
  CHECK(*read_file(store.file) == "{\"version\": 1, \"keys\": [{\"id\": 3}]}");
}

TEST_CASE("Revoking a key that does not exist is an error") {
  Store store;
  const auto revoked = store.keys.revoke("key_none");
  REQUIRE_FALSE(revoked);
  CHECK(revoked.error().code == ErrorCode::invalid_input);
}
