#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/sandbox/api_keys.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/mcp_face.h"
#include "clickflow/sandbox/rest_face.h"

namespace clickflow::sandbox {

/// What the site knows of the authorization server.
struct SignIns {
  std::string issuer;
  /// Who an access token stands for; nothing for any other text.
  std::function<std::optional<Caller>(std::string_view token)> caller_of;
};

/// Everything under one origin: who may come in, and where to. Any thread may call anything.
class Site {
 public:
  /// `origin` as clients see it, as in `http://127.0.0.1:8787`.
  Site(std::string origin, ApiKeys& keys, const Platform& platform, SignIns sign_ins = {},
       const McpSettings& mcp = {});

  /// Never throws: what goes wrong inside is logged and becomes a 500.
  Reply handle(const Request& request);

  /// Ends the sessions and subscriptions of MCP and the calls that run.
  void stop() { mcp_.stop(); }

 private:
  Reply route(const Request& request);
  std::optional<Caller> authenticate(const Request& request, bool is_mcp);
  Reply challenge() const;

  const std::string base_;
  ApiKeys& keys_;
  const SignIns sign_ins_;
  SwitchedOrganizations switched_;
  McpFace mcp_;
  RestFace rest_;
};

}  // namespace clickflow::sandbox
