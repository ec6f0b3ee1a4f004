#pragma once

#include <map>
#include <mutex>
#include <string>

#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/tools.h"

namespace clickflow::sandbox {

/// The tools that REST has, under /v1/api, for callers with an API key. Errors are `{"detail": …}`, as the
/// document shows them. Any thread may call handle().
class RestFace {
 public:
  explicit RestFace(const Platform& platform);

  Reply handle(const Request& request, const Caller& caller);

 private:
  const Platform platform_;
  std::mutex mutex_;
  std::map<std::string, std::string>
      switched_;  ///< organization by caller: what "the session" is without a session
};

}  // namespace clickflow::sandbox
