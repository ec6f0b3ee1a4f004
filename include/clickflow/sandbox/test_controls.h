#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "clickflow/base/cancellation.h"
#include "clickflow/sandbox/http_exchange.h"
#include "clickflow/sandbox/json.h"
#include "clickflow/sandbox/oauth/ledger.h"

namespace clickflow::sandbox {

/// Makes things go wrong that go wrong in real life, so that a test need not wait for them. `POST
/// /sandbox/control` takes a JSON object with any of
///
///   "fail_token_endpoint": {"times": 2, "status": 503, "retry_after": 1, "error": "temporarily_unavailable"}
///                              the next requests for tokens are answered so, and nothing else is done;
///                              "retry_after" (seconds) and "error" may be left out
///   "delay_token_endpoint_ms": 2000
///                              answers to requests for tokens leave so much later, after the work was done;
///                              0 ends it, 10000 is the most
///   "expire_access_tokens": true   those that are out are refused from now on
///   "forget_clients": true         as if they had been deleted: the token endpoint says invalid_client
///   "revoke_family": "grant_…"     ends that grant, the `sid` of its tokens; true ends all
///
/// It is answered with 404 unless the sandbox was started for it. Any thread may call anything.
class TestControls {
 public:
  TestControls(bool enabled, Ledger& ledger) : enabled_(enabled), ledger_(ledger) {}

  Reply handle(const Request& request);

  /// The answer that a request for tokens gets in place of its own, if one was ordered.
  std::optional<Reply> token_failure();
  /// Waits for as long as was ordered.
  void delay_token_answer();
  /// Ends all waits.
  void stop() { stopping_.cancel(); }

 private:
  struct Failure {
    int times = 0;
    int status = 503;
    std::optional<int> retry_after;
    std::string error = "temporarily_unavailable";
  };
  void apply(const Json& orders);

  const bool enabled_;
  Ledger& ledger_;
  Cancellation stopping_;
  std::mutex mutex_;
  Failure failure_;
  std::chrono::milliseconds delay_{0};
};

}  // namespace clickflow::sandbox
