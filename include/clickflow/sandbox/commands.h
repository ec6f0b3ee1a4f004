#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "clickflow/sandbox/mcp/settings.h"
#include "clickflow/sandbox/oauth/settings.h"

/// The commands of clickflow-sandbox. Each returns the program's exit status; what went wrong is on stderr by
/// then.
namespace clickflow::sandbox {

/// `$XDG_DATA_HOME/clickflow-sandbox`, or what stands for it on this system.
std::filesystem::path default_data_folder();

struct ServeOptions {
  std::filesystem::path data;
  uint16_t port = 8787;
  double speed = 1;
  std::optional<uint16_t> auth_port;  ///< as in ServerSettings
  OAuthSettings oauth;
  bool test_controls = false;
  Protocol protocol = Protocol::dual;
};
/// Writes where MCP is and who issues tokens to stdout, a line each, and runs until SIGINT or SIGTERM.
int serve(const ServeOptions& options);

struct NewKeyOptions {
  std::string name = "Sandbox key";
  std::vector<std::string> scopes;  ///< tools:* if empty
  std::string expires_in;           ///< never if empty
  std::string organization;         ///< the first if empty
};
/// Writes the key to stdout, alone, and what else there is to know to stderr.
int create_key(const std::filesystem::path& data, const NewKeyOptions& options);
int list_keys(const std::filesystem::path& data, bool as_json);
int revoke_key(const std::filesystem::path& data, const std::string& id);

struct DemoOptions {
  std::filesystem::path bridge;   ///< clickflow-mcp; the one beside `program` if empty
  std::filesystem::path program;  ///< this program, as it was called
  bool oauth = false;             ///< show how a person signs in, in place of API keys
};
/// 0 only if every step came out as it says.
int demo(const DemoOptions& options);

/// What this program does as somebody's $BROWSER: follows a link to sign in at a sandbox and says yes.
int visit(const std::string& link);

}  // namespace clickflow::sandbox
