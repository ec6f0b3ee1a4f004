#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "clickflow/base/clock.h"
#include "clickflow/base/json.h"
#include "clickflow/cli/commands.h"
#include "clickflow/cli/connection.h"
#include "clickflow/cli/local_host.h"
#include "clickflow/cli/output.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/revision.h"
#include "members.h"

namespace clickflow::cli {
namespace {

using Kind = Credentials::Kind;

struct State {
  std::string authentication;
  std::string account;
  std::optional<TimePoint> expires_at;
  bool renews = false;
  std::string keychain;
  std::string keychain_problem;
  bool reachable = false;
  long long milliseconds = 0;
  std::string server;
  std::string protocol;
  std::string problem;
  std::optional<TimePoint> listed_at;  // what an assistant is shown at once
  size_t tools_listed = 0;
};

std::string utc(TimePoint time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

void look_at_credentials(Credentials& credentials, State& state) {
  const auto kind = credentials.kind();
  if (!kind) {
    state.authentication = "nothing that can be used";  // why, the handshake fails with
    return;
  }
  if (*kind == Kind::own_header) state.authentication = "the Authorization header that was given";
  if (*kind == Kind::environment_key) state.authentication = "API key (CLICKFLOW_API_KEY)";
  if (*kind == Kind::stored_key) state.authentication = "API key (kept by login)";
  if (*kind == Kind::own_header || *kind == Kind::environment_key) return;

  const auto vault = credentials.vault();
  if (!vault) return;
  state.keychain = (*vault)->keychain->description();
  if (*kind == Kind::stored_key) return;
  const auto tokens = (*vault)->sessions->load();
  if (!tokens) {
    state.authentication = "not known: the keychain can't be read";
    state.keychain_problem = tokens.error().message();
  } else if (!*tokens) {
    state.authentication = "nobody is signed in";
  } else {
    state.authentication = "OAuth";
    state.account = (*tokens)->account;
    state.expires_at = (*tokens)->expires_at;
    state.renews = (*tokens)->refresh_token.has_value();
  }
}

void look_at_catalog(const Credentials& credentials, State& state) {
  const auto folder = bridge::Catalog::default_folder();
  if (!folder) return;
  const auto record = bridge::Catalog(*folder, credentials.catalog_key()).load();
  if (!record) return;
  const auto tools = record->lists.find(mcp::List::tools);
  if (tools == record->lists.end()) return;
  state.listed_at = tools->second.received;
  mcp::json::Elements elements(mcp::elements_of(mcp::List::tools, tools->second.result));
  while (elements.next()) ++state.tools_listed;
}

State look(Connection& connection, LocalHost& host) {
  State state;
  look_at_credentials(connection.credentials(), state);
  look_at_catalog(connection.credentials(), state);
  const auto began = std::chrono::steady_clock::now();
  const auto greeted = host.initialize();
  if (!greeted) {
    state.problem = greeted.error().message();
    return state;
  }
  const auto took = std::chrono::steady_clock::now() - began;
  state.reachable = true;
  state.milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  const Json result = parse_json(*greeted);
  const Json server = result.value("serverInfo", Json());
  const std::string name = text_in(server, "name");
  state.server = (name.empty() ? "?" : name) + " " + text_in(server, "version");
  // With a modern server our own translator has agreed on a revision, and not the server.
  state.protocol = connection.remote().server_era() == mcp::Era::modern ? mcp::modern_revision
                                                                        : text_in(result, "protocolVersion");
  return state;
}

Json as_json(const Settings& settings, const State& state) {
  auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  return {{"version", CLICKFLOW_VERSION},
          {"endpoint", settings.endpoint.to_string()},
          {"profile", settings.profile},
          {"authentication", state.authentication},
          {"account", or_null(state.account)},
          {"organization", or_null(settings.organization)},
          {"expires_at", state.expires_at ? Json(utc(*state.expires_at)) : Json()},
          {"renews_itself", state.renews},
          {"keychain", or_null(state.keychain)},
          {"keychain_problem", or_null(state.keychain_problem)},
          {"tools_listed", state.listed_at ? Json(state.tools_listed) : Json()},
          {"listed_at", state.listed_at ? Json(utc(*state.listed_at)) : Json()},
          {"reachable", state.reachable},
          {"server", or_null(state.server)},
          {"protocol_version", or_null(state.protocol)},
          {"handshake_ms", state.reachable ? Json(state.milliseconds) : Json()},
          {"problem", or_null(state.problem)}};
}

void print_rows(const Settings& settings, const State& state) {
  std::vector<std::vector<std::string>> rows{{"Endpoint", settings.endpoint.to_string()}};
  if (settings.profile != "default") rows.push_back({"Profile", settings.profile});
  rows.push_back({"Signed in with", state.authentication});
  if (!state.account.empty()) rows.push_back({"Account", printable(state.account)});
  rows.push_back({"Organization",
                  settings.organization.empty() ? "your default one" : settings.organization + " (pinned)"});
  if (state.expires_at) {
    rows.push_back({"Expires", utc(*state.expires_at) +
                                   (state.renews ? ", and renews itself" : ", then sign in again")});
  }
  if (!state.keychain.empty()) rows.push_back({"Kept in", state.keychain});
  const bool is_the_problem = state.problem.starts_with(state.keychain_problem);
  if (!state.keychain_problem.empty() && !is_the_problem)
    rows.push_back({"Keychain", printable(state.keychain_problem)});
  if (state.listed_at) {
    rows.push_back({"Shown at a start",
                    fmt::format("{} tools, as they were at {}", state.tools_listed, utc(*state.listed_at))});
  }
  if (state.reachable) {
    rows.push_back({"Server", printable(fmt::format("{}, MCP {}, answered in {} ms", state.server,
                                                    state.protocol, state.milliseconds))});
  } else {
    rows.push_back({"Problem", printable(state.problem)});
  }
  print_table(rows);
}

}  // namespace

int status(const Settings& settings, bool json) {
  Connection connection(settings);
  LocalHost host(connection.remote(), settings.bridge);
  const State state = look(connection, host);
  if (json) {
    print(to_readable_text(as_json(settings, state)));
  } else {
    print_rows(settings, state);
  }
  return host.end(state.reachable ? Exit::success : Exit::failure);
}

}  // namespace clickflow::cli
