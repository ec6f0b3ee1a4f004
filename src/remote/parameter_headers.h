#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "clickflow/mcp/message.h"
#include "request_headers.h"

namespace clickflow::remote {

/// Which parameters each of the server's tools wants to see in headers, as its own lists say. Any thread.
class ParameterHeaders {
 public:
  /// Learns from an answer to a tools/list and gives it back without the tools whose annotations can't be
  /// followed: those must not be shown (2026-07-28, "Tools", "x-mcp-header"). The very same message where
  /// there are none.
  mcp::Message learn(const mcp::Message& request, mcp::Message answer);

  /// Nothing where the tool may be one of those that no list has shown yet.
  std::optional<std::vector<ParameterHeader>> of(const std::string& tool) const;

 private:
  using Tools = std::map<std::string, std::vector<ParameterHeader>>;
  void keep(Tools tools, const std::string& cursor, const std::string& next);

  mutable std::mutex mutex_;
  Tools known_;
  Tools pages_;       // of a list whose end has not been seen
  std::string next_;  // page of it
  bool knows_all_ = false;
};

}  // namespace clickflow::remote
