#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "clickflow/base/error.h"
#include "clickflow/sandbox/api_keys.h"

namespace clickflow::sandbox {

struct ServerSettings {
  std::string address = "127.0.0.1";  ///< loopback; anything else is refused
  uint16_t port = 0;                  ///< 0 for any that is free
  std::filesystem::path data;         ///< where the API keys are
  double speed = 1;                   ///< of workflows; more than 0
  Clock clock;                        ///< the system's if empty
};

/// A ClickFlow that listens. It answers from start() until it is destroyed, which takes a fraction of a
/// second, whatever is connected or running.
class Server {
 public:
  /// `invalid_input` for an address that is not loopback, a speed that is not positive, or a damaged key
  /// file; `system` where the port is taken.
  static Result<std::unique_ptr<Server>> start(const ServerSettings& settings);
  ~Server();

  /// `http://127.0.0.1:8787/v1/mcp`
  std::string mcp_url() const;
  /// The keys that it checks, to make and revoke some from inside.
  ApiKeys& keys();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

/// The file of the API keys in a data folder.
std::filesystem::path keys_file(const std::filesystem::path& data);

}  // namespace clickflow::sandbox
