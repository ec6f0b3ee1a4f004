#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clickflow/base/error.h"

namespace clickflow::mcp {

/// A permission to call tools, in ClickFlow's grammar:
///
///   tools:*                            every tool
///   tools:platform.*                   every tool whose name begins with "platform."
///   tools:platform.list_roadmap_items  that one tool
///
/// Nothing else is a scope; in particular `*` stands only at the end, after a dot or alone. Case counts.
class Scope {
 public:
  /// `invalid_input` for what is not in the grammar.
  static Result<Scope> parse(std::string_view text);

  bool allows(std::string_view tool) const;
  const std::string& text() const { return text_; }

 private:
  explicit Scope(std::string_view text) : text_(text) {}
  std::string text_;
};

/// True if one of them does.
bool any_allows(const std::vector<Scope>& scopes, std::string_view tool);

/// The scope that grants just this tool, as errors name it.
std::string scope_for(std::string_view tool);

}  // namespace clickflow::mcp
