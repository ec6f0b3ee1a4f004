#include <cstdio>
#include <cstdlib>

#include "clickflow/base/log.h"
#include "clickflow/bridge/greeter.h"
#include "clickflow/cli/commands.h"
#include "clickflow/cli/connection.h"
#include "process.h"

namespace clickflow::cli {

int serve(const Settings& settings) {
  const auto channel = bridge::make_stdio_channel();
  const EndRequests end_requests([&] { channel->interrupt(); });
  log::info("clickflow-mcp " CLICKFLOW_VERSION " serves {}",
            settings.endpoint.origin() + std::string(settings.endpoint.path()));
  Connection connection(settings);
  const bool can_sign_in = !settings.api_key && !settings.headers.get("Authorization");
  bridge::Greeter greeter(connection.remote(),
                          {can_sign_in, [&] { return connection.credentials().signed_in(); }});
  auto bridge_settings = settings.bridge;
  if (can_sign_in) bridge_settings.policy.exempt = bridge::sign_in_tool;
  bridge::Bridge bridge(*channel, greeter, bridge_settings);
  // What is stuck in the system would be left with what it uses destroyed.
  if (!bridge.run()) std::_Exit(Exit::success);
  return Exit::success;
}

}  // namespace clickflow::cli
