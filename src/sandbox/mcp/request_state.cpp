#include "clickflow/sandbox/mcp/request_state.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "clickflow/base/base64.h"
#include "clickflow/base/random.h"
#include "clickflow/sandbox/json.h"

namespace clickflow::sandbox {
namespace {

constexpr auto lifetime = std::chrono::minutes(5);
constexpr size_t key_bytes = 32;

int64_t seconds_of(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

RequestStates::RequestStates(Clock clock) : clock_(std::move(clock)), key_(random_bytes(key_bytes)) {}

std::string RequestStates::signature(std::string_view caller, std::string_view request,
                                     std::string_view expiry) const {
  const std::string text = to_text({caller, request, expiry});  // JSON, so that no part runs into the next
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (!HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
            reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes, &size)) {
    throw std::runtime_error("a state can't be signed");
  }
  return base64url_encode({reinterpret_cast<const char*>(bytes), size});
}

std::string RequestStates::make(std::string_view caller, std::string_view request) const {
  const std::string expiry = std::to_string(seconds_of(clock_() + lifetime));
  return expiry + "." + signature(caller, request, expiry);
}

std::optional<std::string> RequestStates::problem_with(std::string_view state, std::string_view caller,
                                                       std::string_view request) const {
  const size_t dot = state.find('.');
  const std::string expiry(state.substr(0, dot));
  if (dot == std::string_view::npos || !same(state.substr(dot + 1), signature(caller, request, expiry))) {
    return "Invalid params: requestState does not belong to this request";
  }
  if (seconds_of(clock_()) >= std::stoll(expiry)) {
    return "Invalid params: requestState has expired; send the request without it";
  }
  return std::nullopt;
}

}  // namespace clickflow::sandbox
