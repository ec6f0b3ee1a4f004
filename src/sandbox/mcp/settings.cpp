#include "clickflow/sandbox/mcp/settings.h"

#include "clickflow/mcp/revision.h"

namespace clickflow::sandbox {

std::vector<std::string_view> spoken_revisions(Protocol protocol) {
  std::vector<std::string_view> revisions;
  const auto add = [&](const auto& list) { revisions.insert(revisions.end(), list.begin(), list.end()); };
  if (protocol != Protocol::legacy) add(mcp::modern_revisions);
  if (protocol != Protocol::modern) add(mcp::legacy_revisions);
  return revisions;
}

}  // namespace clickflow::sandbox
