#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clickflow/mcp/scope.h"

namespace clickflow::sandbox {

struct Organization {
  std::string id;
  std::string name;
  std::string domain;
};

/// The organizations of the one person who lives in the sandbox; the first is the default.
const std::vector<Organization>& organizations();

bool is_member_of(std::string_view organization_id);

/// Who makes a request, however it was found out: an API key today.
struct Caller {
  std::string id;                  ///< of the credential; may be logged
  std::string organization;        ///< the default for calls that name none
  std::vector<mcp::Scope> scopes;  ///< the tools that may be called

  bool may_call(std::string_view tool) const { return mcp::any_allows(scopes, tool); }
};

}  // namespace clickflow::sandbox
