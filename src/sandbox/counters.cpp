#include "clickflow/sandbox/counters.h"

#include <nlohmann/json.hpp>

#include "clickflow/sandbox/oauth/grant_types.h"

namespace clickflow::sandbox {

void Counters::count_token_request(const std::string& grant_type) {
  std::lock_guard guard(mutex_);
  ++token_requests_[is_supported_grant(grant_type) ? grant_type : "other"];
}

Json Counters::to_json() const {
  std::lock_guard guard(mutex_);
  const auto of = [&](const char* type) -> uint64_t {
    const auto found = token_requests_.find(type);
    return found == token_requests_.end() ? 0 : found->second;
  };
  return {{"token_requests",
           {{"authorization_code", of(authorization_code_grant)},
            {"refresh_token", of(refresh_token_grant)},
            {"device_code", of(device_code_grant)},
            {"other", of("other")}}},
          {"registrations", registrations_.load()},
          {"authorize_page_views", {{"sign_in", sign_in_pages_.load()}, {"consent", consent_pages_.load()}}},
          {"revocations", revocations_.load()},
          {"mcp_requests", mcp_requests_.load()},
          {"unauthorized", refusals_.load()}};
}

}  // namespace clickflow::sandbox
