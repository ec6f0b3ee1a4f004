#include <chrono>
#include <nlohmann/json.hpp>

#include "clickflow/auth/api_key.h"
#include "clickflow/cli/commands.h"
#include "clickflow/cli/connection.h"
#include "clickflow/cli/local_host.h"
#include "clickflow/cli/output.h"

namespace clickflow::cli {
namespace {

using Json = nlohmann::ordered_json;

struct State {
  std::string authentication;
  bool reachable = false;
  long long milliseconds = 0;
  std::string server;
  std::string protocol;
  std::string problem;
};

State look(const Settings& settings) {
  State state;
  state.authentication = !settings.api_key                                 ? "none"
                         : auth::parse_api_key(settings.api_key->expose()) ? "API key"
                                                                           : "API key (not a valid one)";
  Connection connection(settings);
  LocalHost host(connection.remote(), settings.bridge);
  const auto began = std::chrono::steady_clock::now();
  const auto greeted = host.initialize();
  if (!greeted) {
    state.problem = greeted.error().message();
    return state;
  }
  const auto took = std::chrono::steady_clock::now() - began;
  state.reachable = true;
  state.milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  const Json result = Json::parse(*greeted, nullptr, false);
  const Json server = result.value("serverInfo", Json::object());
  state.server = printable(server.value("name", "?") + " " + server.value("version", ""));
  state.protocol = printable(result.value("protocolVersion", ""));
  return state;
}

}  // namespace

int status(const Settings& settings, bool as_json) {
  const State state = look(settings);
  const std::string endpoint = settings.endpoint.to_string();
  if (as_json) {
    Json out{{"version", CLICKFLOW_VERSION},
             {"endpoint", endpoint},
             {"authentication", state.authentication},
             {"organization", settings.organization.empty() ? Json() : Json(settings.organization)},
             {"reachable", state.reachable}};
    if (state.reachable) {
      out["server"] = state.server;
      out["protocol_version"] = state.protocol;
      out["handshake_ms"] = state.milliseconds;
    } else {
      out["problem"] = state.problem;
    }
    print(out.dump(2));
  } else {
    std::vector<std::vector<std::string>> rows{
        {"Endpoint", endpoint},
        {"Signed in with", state.authentication},
        {"Organization",
         settings.organization.empty() ? "your default one" : settings.organization + " (pinned)"}};
    if (state.reachable) {
      rows.push_back({"Server", state.server + ", MCP " + state.protocol + ", answered in " +
                                    std::to_string(state.milliseconds) + " ms"});
    } else {
      rows.push_back({"Problem", printable(state.problem)});
    }
    print_table(rows);
  }
  return state.reachable ? Exit::success : Exit::failure;
}

}  // namespace clickflow::cli
