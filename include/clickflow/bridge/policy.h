#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/mcp/scope.h"

namespace clickflow::bridge {

/// ClickFlow's tool after which later calls work in another organization.
constexpr std::string_view switch_organization = "platform.switch_organization";

/// What a person has decided that an assistant may do, whatever the server would allow.
struct Policy {
  std::vector<mcp::Scope> allowed;  ///< no scopes: everything
  std::string organization;         ///< pinned where not empty
  /// A tool of our own, which no scope names. A list that holds just this one is not the server's.
  std::string exempt;

  bool shows(std::string_view tool) const;

  /// Why this call must not go out, in words for the model and the person; nothing if it may. `arguments` is
  /// JSON.
  std::optional<std::string> refuse(std::string_view tool, std::string_view arguments) const;
};

}  // namespace clickflow::bridge
