#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "clickflow/mcp/revision.h"
#include "clickflow/remote/authorized_client.h"
#include "clickflow/remote/streamable_http_settings.h"

namespace clickflow::remote {

/// A probe waits no longer than this for an answer; a host waits for us meanwhile.
constexpr std::chrono::seconds probe_limit{15};

struct RemoteEra {
  mcp::Era era = mcp::Era::legacy;
  std::string revision;   ///< the newest that both speak; empty where a handshake will tell
  std::string discovery;  ///< the DiscoverResult as JSON; empty where there was none
};

/// Finds out how the server speaks, by asking for `server/discover` as modern revisions have it (2026-07-28,
/// "Streamable HTTP", "Backward Compatibility"). `client_meta` is an object (JSON) with what the request's
/// `_meta` says of the client. A server that refuses us, can't be reached or is in trouble has not shown how
/// it speaks: that is the failure. `rejected` where no revision is common.
Result<RemoteEra> probe_era(AuthorizedClient& http, const StreamableHttpSettings& settings,
                            std::string_view client_meta, const auth::Occasion& occasion);

/// True if a server that was taken for a legacy one answers `initialize` as only modern ones do. Some of them
/// answer `server/discover` with an unknown-method error.
bool says_modern_only(const mcp::Message& answer_to_initialize);

}  // namespace clickflow::remote
