#pragma once

#include <memory>

#include "clickflow/base/url.h"
#include "clickflow/http/client.h"
#include "clickflow/remote/last_switch.h"

namespace clickflow::remote {

/// For Streamable HTTP of either era.
struct StreamableHttpSettings {
  Url endpoint;
  http::Headers headers;  ///< added to every request
  http::Limits limits;
  /// A message is held whole, since it must go to the host as one line or not at all; this bounds what a
  /// server can make us hold.
  size_t max_message = 256 * 1024 * 1024;
  /// What all sessions with this server share, if calls can switch anything.
  std::shared_ptr<LastSwitch> last_switch = {};
};

}  // namespace clickflow::remote
