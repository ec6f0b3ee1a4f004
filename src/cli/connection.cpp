#include "clickflow/cli/connection.h"

#include "clickflow/bridge/policy.h"

namespace clickflow::cli {

Connection::Connection(const Settings& settings, bool may_prompt)
    : client_(http::make_client(settings.client)),
      credentials_(settings, *client_, may_prompt),
      authorized_(*client_, credentials_, settings.endpoint),
      last_switch_(std::make_shared<remote::LastSwitch>(std::string(bridge::switch_organization),
                                                        "The switch to another organization")),
      legacy_(authorized_, remote_settings(settings)),
      modern_(authorized_, remote_settings(settings)),
      crossing_({legacy_, modern_,
                 [&settings, this] {
                   return std::make_unique<remote::SessionHttp>(authorized_, remote_settings(settings));
                 },
                 [&settings, this](const std::string& meta, const auth::Occasion& occasion) {
                   return remote::probe_era(authorized_, remote_settings(settings), meta, occasion);
                 },
                 settings.protocol, last_switch_}) {}

remote::StreamableHttpSettings Connection::remote_settings(const Settings& settings) const {
  remote::StreamableHttpSettings made{settings.endpoint, settings.headers, settings.limits};
  made.last_switch = last_switch_;
  return made;
}

}  // namespace clickflow::cli
