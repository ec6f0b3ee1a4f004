#include "clickflow/cli/connection.h"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "clickflow/base/file.h"
#include "support/environment_guard.h"
#include "support/messages.h"
#include "support/socket_server.h"
#include "support/temporary_folder.h"

using namespace clickflow;
using namespace clickflow::testing;

namespace {

// Answers every request with an empty result, and keeps what it was sent.
struct Echo {
  std::string arrived;
  SocketServer server{[this](Peer& peer) {
    for (;;) {
      const auto request = peer.read_request();
      if (request.empty()) return;
      arrived = request;
      peer.write(http_response(200, mcp::make_result("1", "{}"), "Content-Type: application/json\r\n"));
    }
  }};
};

// A person who has never signed in: nothing of the real one's is asked.
struct Newcomer {
  Newcomer() { environment.set("CLICKFLOW_HOME", home.path().string()); }

  TemporaryFolder home;
  EnvironmentGuard environment;
};

cli::Settings settings_for(const SocketServer& server, const std::string& key) {
  cli::Settings settings;
  settings.endpoint = server.url();
  settings.profile = "default";
  settings.token_store = keychain::Settings::Kind::file;
  if (!key.empty()) settings.api_key = Secret(key);
  return settings;
}

bool goes_out_with(cli::Connection& connection, const Echo& echo, const std::string& key) {
  Collected received;
  REQUIRE(connection.remote().send(request("1", "tools/list"), received, {}));
  return echo.arrived.find("\r\nAuthorization: Bearer " + key + "\r\n") != std::string::npos;
}

void keep_key(const cli::Settings& settings, const std::string& key) {
  cli::Connection login(settings);
  const auto vault = login.credentials().vault();
  REQUIRE(vault);
  REQUIRE((*vault)->keychain->write((*vault)->api_key_entry, Secret(key)));
}

}  // namespace

TEST_CASE("A key that does not look like one fails every call, and nothing is sent") {
  const Newcomer newcomer;
  Echo echo;
  const auto settings = settings_for(echo.server, "sk-some-other-service");
  cli::Connection connection(settings);
  Collected received;
  const auto sent = connection.remote().send(request("1", "tools/list"), received, {});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == ErrorCode::invalid_input);
  CHECK(sent.error().message().find("some-other-service") == std::string::npos);
  CHECK(echo.server.connections() == 0);
}

TEST_CASE("A key goes out as the bearer, and without one the request goes out without") {
  const Newcomer newcomer;
  Echo echo;
  Collected received;
  const auto with_key = settings_for(echo.server, "cf_ak_for-the-connection");
  cli::Connection with(with_key);
  REQUIRE(with.remote().send(request("1", "tools/list"), received, {}));
  CHECK(echo.arrived.find("\r\nAuthorization: Bearer cf_ak_for-the-connection\r\n") != std::string::npos);
  const auto without_key = settings_for(echo.server, "");
  cli::Connection without(without_key);
  REQUIRE(without.remote().send(request("1", "tools/list"), received, {}));
  CHECK(echo.arrived.find("Authorization") == std::string::npos);
}

TEST_CASE("A stored key that is damaged is kept anew by the command that keeps keys") {
  const Newcomer newcomer;
  Echo echo;
  const auto settings = settings_for(echo.server, "");
  keep_key(settings, "cf_ak_soon-damaged");
  for (const auto& entry : std::filesystem::directory_iterator(newcomer.home / "state/tokens"))
    REQUIRE(write_file(entry.path(), "garbage"));
  cli::Connection connection(settings);
  const auto key = connection.credentials().api_key();
  REQUIRE_FALSE(key);
  CHECK(key.error().code == ErrorCode::keychain_damaged);
  CHECK(key.error().remedy == "Keep a key anew with `clickflow-mcp login --api-key`.");
}

TEST_CASE("A stored key is good for every organization") {
  const Newcomer newcomer;
  Echo echo;
  auto settings = settings_for(echo.server, "");
  keep_key(settings, "cf_ak_for-all-of-them");
  settings.organization = "org_abc123";
  cli::Connection connection(settings);
  CHECK(goes_out_with(connection, echo, "cf_ak_for-all-of-them"));
}

TEST_CASE(
    "A key that is stored while nobody is signed in is noticed, and so is one that can be read at last") {
  const Newcomer newcomer;
  Echo echo;
  const auto settings = settings_for(echo.server, "");
  cli::Connection connection(settings);
  REQUIRE_FALSE(goes_out_with(connection, echo, "cf_ak_came-later"));
  keep_key(settings, "cf_ak_came-later");
  const auto tokens = newcomer.home / "state/tokens";
  std::filesystem::permissions(tokens, std::filesystem::perms::all);  // which the store refuses
  cli::Connection shut(settings);
  CHECK_FALSE(goes_out_with(shut, echo, "cf_ak_came-later"));
  std::filesystem::permissions(tokens, std::filesystem::perms::owner_all);
  CHECK(eventually([&] { return goes_out_with(connection, echo, "cf_ak_came-later"); }));
  CHECK(eventually([&] { return goes_out_with(shut, echo, "cf_ak_came-later"); }));
  CHECK(*shut.credentials().kind() == cli::Credentials::Kind::stored_key);
}
