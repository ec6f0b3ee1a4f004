#include "clickflow/cli/connection.h"

namespace clickflow::cli {

Connection::Connection(const Settings& settings, bool may_prompt)
    : client_(http::make_client(settings.client)),
      credentials_(settings, *client_, may_prompt),
      authorized_(*client_, credentials_, settings.endpoint),
      remote_(authorized_, {settings.endpoint, settings.headers, settings.limits}) {}

}  // namespace clickflow::cli
