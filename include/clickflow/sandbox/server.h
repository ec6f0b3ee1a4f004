#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "clickflow/base/error.h"
#include "clickflow/sandbox/api_keys.h"
#include "clickflow/sandbox/json.h"
#include "clickflow/sandbox/mcp/settings.h"
#include "clickflow/sandbox/oauth/settings.h"
#include "clickflow/sandbox/test_controls.h"

namespace clickflow::sandbox {

struct ServerSettings {
  uint16_t port = 0;           ///< 0 for any that is free
  std::filesystem::path data;  ///< where the API keys and the sign-ins are
  double speed = 1;            ///< of workflows; more than 0
  Clock clock;                 ///< the system's if empty
  /// Of the authorization server. If empty the port after `port`, and any that is free where `port` is 0.
  std::optional<uint16_t> auth_port{};
  OAuthSettings oauth{};
  bool test_controls = false;  ///< lets tests make things go wrong, see TestControls, and adds tools for them
  Protocol protocol = Protocol::dual;  ///< the revisions of MCP that there are
};

/// A ClickFlow that listens, and the authorization server beside it, on a port of its own. Both answer from
/// start() until this is destroyed, which takes a fraction of a second, whatever is connected or running.
class Server {
 public:
  /// `invalid_input` for a speed that is not positive, or a damaged file in
  /// the data folder; `system` where a port is taken.
  static Result<std::unique_ptr<Server>> start(const ServerSettings& settings);
  ~Server();

  /// `http://127.0.0.1:8787/v1/mcp`
  std::string mcp_url() const;
  /// `http://127.0.0.1:8788`
  std::string issuer() const;
  /// The keys that it checks, to make and revoke some from inside.
  ApiKeys& keys();
  /// What `GET /sandbox/counters` answers.
  Json counters() const;
  TestControls& controls();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

/// The file of the API keys in a data folder.
std::filesystem::path keys_file(const std::filesystem::path& data);

}  // namespace clickflow::sandbox
