#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/http/headers.h"

namespace clickflow::http {

/// One challenge of a 401 or 403 (RFC 9110, section 11.6.1).
struct Challenge {
  std::string scheme;  ///< as it was sent
  std::vector<std::pair<std::string, std::string>>
      params;  ///< names in lower case, values without their quotes

  std::optional<std::string_view> param(std::string_view name) const;
};

/// Every challenge in the response's WWW-Authenticate fields, in order. What can't be read ends that field's
/// list; what came before it counts.
std::vector<Challenge> parse_challenges(const Headers& headers);

/// The first Bearer challenge (RFC 6750, section 3), which is the one that an MCP server means.
std::optional<Challenge> bearer_challenge(const Headers& headers);

}  // namespace clickflow::http
