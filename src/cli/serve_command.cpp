#include <cstdio>
#include <cstdlib>

#include "clickflow/base/clock.h"
#include "clickflow/base/log.h"
#include "clickflow/bridge/reception.h"
#include "clickflow/bridge/sign_in_offer.h"
#include "clickflow/cli/commands.h"
#include "clickflow/cli/connection.h"
#include "process.h"

namespace clickflow::cli {
namespace {

// After the bridge's own end, which takes up to 1.55 s; hosts send SIGTERM after 2 s.
constexpr auto end_limit = std::chrono::milliseconds(200);

std::unique_ptr<bridge::Catalog> catalog_for(const Credentials& credentials) {
  auto folder = bridge::Catalog::default_folder();
  if (!folder) {
    log::debug("what the server says of itself is not kept: {}", folder.error().what);
    return nullptr;
  }
  return std::make_unique<bridge::Catalog>(*std::move(folder), credentials.catalog_key());
}

bridge::Reception::Settings reception_settings(const Settings& settings, Connection& connection) {
  bridge::Reception::Settings reception;
  reception.can_sign_in = !settings.api_key && !settings.headers.get("Authorization");
  reception.credential = [&connection] { return connection.credentials().fingerprint(); };
  reception.server_era = [&connection] { return connection.remote().server_era(); };
  if (mcp::era_of_revision(settings.protocol) == mcp::Era::legacy) reception.revision = settings.protocol;
  return reception;
}

}  // namespace

int serve(const Settings& settings) {
  const auto channel = bridge::make_stdio_channel();
  const EndRequests end_requests([&] { channel->interrupt(); });
  log::info("clickflow-mcp " CLICKFLOW_VERSION " serves {}",
            settings.endpoint.origin() + std::string(settings.endpoint.path()));
  Connection connection(settings);
  // Shared with a sign-in, which may end after everything else.
  const auto known =
      std::make_shared<bridge::KnownServer>(catalog_for(connection.credentials()), system_clock());
  connection.credentials().on_identity_change([known] { known->forget(); });
  if (const auto era = known->era()) connection.remote().assume(*era);
  bridge::Reception reception(connection.remote(), *known, reception_settings(settings, connection));
  auto bridge_settings = settings.bridge;
  if (reception.can_sign_in()) bridge_settings.policy.exempt = bridge::sign_in_tool;
  bridge::Bridge bridge(*channel, reception, bridge_settings);
  // What is stuck in the system would be left with what it uses destroyed.
  if (!bridge.run() || !reception.finish(std::chrono::steady_clock::now() + end_limit))
    std::_Exit(Exit::success);
  return Exit::success;
}

}  // namespace clickflow::cli
