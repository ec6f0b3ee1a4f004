#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clickflow/auth/registration.h"
#include "clickflow/base/error.h"
#include "clickflow/base/log.h"
#include "clickflow/base/secret.h"
#include "clickflow/bridge/bridge.h"
#include "clickflow/http/client.h"
#include "clickflow/keychain/secret_store.h"

namespace CLI {
class App;
}

namespace clickflow::cli {

/// What a person has set, by flag or environment variable, as it was written.
struct Options {
  std::string url = "https://api.clickflow.com/v1/mcp";
  std::string organization;
  std::vector<std::string> headers;
  std::vector<std::string> allow;
  bool safe_tool_names = true;
  std::string protocol;  // empty: the server is asked
  std::string proxy;
  std::string ca_file;
  double connect_timeout = 10;
  double first_byte_timeout = 300;
  double silence_timeout = 300;
  double call_timeout = 3600;
  std::optional<log::Level> log_level;
  std::string log_file;
  std::string profile = "default";
  bool token_file = false;
  std::string client_id;
  std::string client_metadata_url;
  uint16_t callback_port = 0;
  double sign_in_timeout = 45;
  // From the environment only: a command line is for all to see.
  std::optional<Secret> api_key;
  std::optional<Secret> client_secret;
};

/// The options that every command takes.
void add_options(CLI::App& app, Options& options);

/// The same, understood: everything that can be wrong with it has been looked at.
struct Settings {
  Url endpoint;
  std::string organization;
  http::Headers headers;
  http::Limits limits;
  http::ClientSettings client;
  bridge::BridgeSettings bridge;
  std::string protocol;  ///< the server's revision; empty: it is asked
  std::optional<Secret> api_key;
  std::string profile;
  std::string identity_options;  ///< for a command to find the same sign-in: as in " --profile work"
  keychain::Settings::Kind token_store = keychain::Settings::Kind::system;
  auth::ClientSettings client_identity;
  uint16_t callback_port = 0;
  std::chrono::milliseconds sign_in_patience{0};
};

/// `invalid_input`, naming the option.
Result<Settings> understand(const Options& options);

}  // namespace clickflow::cli
