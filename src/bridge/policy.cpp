#include "clickflow/bridge/policy.h"

#include "clickflow/base/ascii.h"
#include "clickflow/mcp/json.h"

namespace clickflow::bridge {
namespace {

// Some readers of JSON ignore the case of a name, some take organizationId for the same.
bool may_mean_organization(std::string_view key) {
  std::string letters;
  for (const char c : mcp::json::decode(key)) {
    if (c != '_' && c != '-') letters += lower(c);
  }
  return letters == "organizationid";
}

// Every member of the name counts: of two, nobody knows which the server reads.
bool names_another(std::string_view arguments, std::string_view organization) {
  if (arguments.empty()) return false;
  if (!mcp::json::is_object(arguments)) return true;
  mcp::json::Members members(arguments);
  while (const auto member = members.next()) {
    if (may_mean_organization(member->key) && !mcp::json::says(member->value, organization)) return true;
  }
  return false;
}

}  // namespace

bool Policy::shows(std::string_view tool) const {
  return allowed.empty() || (!exempt.empty() && tool == exempt) || mcp::any_allows(allowed, tool);
}

std::optional<std::string> Policy::refuse(std::string_view tool, std::string_view arguments) const {
  if (!shows(tool)) {
    return "Insufficient scope: " + mcp::scope_for(tool) +
           ". This assistant is kept to some tools by --allow, and this one is not among them; whoever set "
           "that up can add it.";
  }
  if (!organization.empty() && tool == switch_organization && names_another(arguments, organization)) {
    return "The organization is pinned to " + organization +
           " by --organization, so it was not switched: work in the wrong organization cannot be undone. To "
           "work in another one, start clickflow-mcp with that organization.";
  }
  return std::nullopt;
}

}  // namespace clickflow::bridge
