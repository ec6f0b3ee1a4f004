#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clickflow/remote/session_http.h"
#include "support/messages.h"
#include "support/scripted_client.h"
#include "support/scripted_tokens.h"

namespace clickflow::testing {

inline const Url endpoint = Url::parse("https://api.clickflow.com/v1/mcp").value();

inline std::string header(const http::Request& request, const std::string& name) {
  return std::string(request.headers.get(name).value_or("none"));
}

/// A small MCP server over Streamable HTTP: it opens sessions and loses them, and answers the rest as a test
/// says.
class SessionServer {
 public:
  using Handler = std::function<Played(const http::Request&, const mcp::Message&, const Cancellation&)>;

  /// By default, a request is answered with its own method and session.
  Handler on_request;
  /// By default 405.
  std::function<Played(const http::Request&, const Cancellation&)> on_get;
  /// In place of a new session, where it returns something.
  std::function<std::optional<Played>(const mcp::Message&)> on_initialize;
  std::string version = "2025-11-25";
  bool has_sessions = true;
  int farewell = 204;  ///< the status of what DELETE is answered with

  Played operator()(const http::Request& request, const Cancellation& cancellation);
  /// From now on no session is known.
  void lose_sessions();

  /// "session method", for each POST that was accepted; "none" where there was no session.
  std::vector<std::string> log() const;
  size_t count(const std::string& entry) const;

 private:
  void note(const std::string& entry);

  mutable std::mutex mutex_;
  std::set<std::string> sessions_;
  int made_ = 0;
  std::vector<std::string> log_;
};

/// Everything from the remote down to a client without a network.
struct RemoteRig {
  explicit RemoteRig(http::Limits limits = {}, size_t max_message = 1024 * 1024)
      : remote(authorized, {endpoint, {{"X-Organization-Id", "org_abc"}}, limits, max_message, last_switch}) {
  }

  Result<void> send(const mcp::Message& message) { return remote.send(message, received, {}); }
  /// A request with its own receiver: its answer's text, or the failure.
  Result<std::string> ask(const mcp::Message& request, const Cancellation& cancellation = {});
  /// initialize and initialized.
  void greet();

  const std::shared_ptr<remote::LastSwitch> last_switch =
      std::make_shared<remote::LastSwitch>("switch", "The switch");
  SessionServer server;
  ScriptedClient http{
      [this](const auto& request, const auto& cancellation) { return server(request, cancellation); }};
  ScriptedTokens tokens{{"token"}};
  remote::AuthorizedClient authorized{http, tokens, endpoint};
  remote::SessionHttp remote;
  Collected received;
};

}  // namespace clickflow::testing
