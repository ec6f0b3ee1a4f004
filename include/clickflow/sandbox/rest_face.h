#pragma once

#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/switched_organizations.h"
#include "clickflow/sandbox/tools.h"

namespace clickflow::sandbox {

/// The tools that REST has, under /v1/api, for callers with an API key. Errors are `{"detail": …}`, as the
/// document shows them. Any thread may call handle().
class RestFace {
 public:
  /// What it is given outlives it.
  RestFace(const Platform& platform, SwitchedOrganizations& switched);

  Reply handle(const Request& request, const Caller& caller);

 private:
  const Platform platform_;
  SwitchedOrganizations& switched_;
};

}  // namespace clickflow::sandbox
