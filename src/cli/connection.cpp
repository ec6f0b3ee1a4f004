#include "clickflow/cli/connection.h"

namespace clickflow::cli {
namespace {

remote::StreamableHttpSettings remote_settings(const Settings& settings) {
  return {settings.endpoint, settings.headers, settings.limits};
}

}  // namespace

Connection::Connection(const Settings& settings, bool may_prompt)
    : client_(http::make_client(settings.client)),
      credentials_(settings, *client_, may_prompt),
      authorized_(*client_, credentials_, settings.endpoint),
      legacy_(authorized_, remote_settings(settings)),
      modern_(authorized_, remote_settings(settings)),
      crossing_({legacy_, modern_,
                 [&settings, this] {
                   return std::make_unique<remote::StreamableHttp>(authorized_, remote_settings(settings));
                 },
                 [&settings, this](const std::string& meta, const auth::Occasion& occasion) {
                   return remote::probe_era(authorized_, remote_settings(settings), meta, occasion);
                 },
                 settings.protocol}) {}

}  // namespace clickflow::cli
