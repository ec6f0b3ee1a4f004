#pragma once

#include <optional>
#include <string>

#include "clickflow/sandbox/api_keys.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/mcp_face.h"
#include "clickflow/sandbox/rest_face.h"

namespace clickflow::sandbox {

/// Everything under one origin: who may come in, and where to. Any thread may call anything.
class Site {
 public:
  /// `origin` as clients see it, as in `http://127.0.0.1:8787`.
  Site(std::string origin, ApiKeys& keys, const Platform& platform);

  /// Never throws: what goes wrong inside is logged and becomes a 500.
  Reply handle(const Request& request);

  /// Ends the sessions of MCP and the calls that run.
  void stop() { mcp_.stop(); }

 private:
  Reply route(const Request& request);
  std::optional<Caller> authenticate(const Request& request);
  Reply challenge() const;

  const std::string base_;
  ApiKeys& keys_;
  McpFace mcp_;
  RestFace rest_;
};

}  // namespace clickflow::sandbox
