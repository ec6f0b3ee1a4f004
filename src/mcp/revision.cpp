#include "clickflow/mcp/revision.h"

#include <algorithm>

#include "clickflow/mcp/request_meta.h"

namespace clickflow::mcp {

std::optional<Era> era_of_revision(std::string_view revision) {
  auto among = [&](const auto& list) { return std::find(list.begin(), list.end(), revision) != list.end(); };
  if (among(modern_revisions)) return Era::modern;
  if (among(legacy_revisions)) return Era::legacy;
  return {};
}

Era era_of(const Message& request) {
  if (!request.is_request() || request.method() == "initialize") return Era::legacy;
  const bool modern_only =
      request.method() == "server/discover" || request.method() == "subscriptions/listen";
  return modern_only || !RequestMeta(request).revision.empty() ? Era::modern : Era::legacy;
}

}  // namespace clickflow::mcp
