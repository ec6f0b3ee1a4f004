#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "clickflow/sandbox/json.h"

namespace clickflow::sandbox {

/// What the servers have seen since they started, for tests that count. Any thread may call anything.
class Counters {
 public:
  void count_token_request(const std::string& grant_type);
  void count_registration() { ++registrations_; }
  /// The page of a link to sign in: the first time that it asks who it is, and then for consent.
  void count_sign_in_page() { ++sign_in_pages_; }
  void count_consent_page() { ++consent_pages_; }
  void count_mcp_request() { ++mcp_requests_; }
  void count_revocation() { ++revocations_; }
  void count_refusal() { ++refusals_; }

  /// Only grant types that this server has get a number of their own; what else was asked for is `other`.
  Json to_json() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> token_requests_;
  std::atomic<uint64_t> registrations_{0};
  std::atomic<uint64_t> sign_in_pages_{0};
  std::atomic<uint64_t> consent_pages_{0};
  std::atomic<uint64_t> mcp_requests_{0};
  std::atomic<uint64_t> revocations_{0};
  std::atomic<uint64_t> refusals_{0};
};

}  // namespace clickflow::sandbox
