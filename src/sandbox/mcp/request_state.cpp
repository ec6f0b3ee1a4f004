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
                                     std::string_view payload) const {
  const std::string text = to_text({caller, request, payload});  // JSON, so that no part runs into the next
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (!HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
            reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes, &size)) {
    throw std::runtime_error("a state can't be signed");
  }
  return base64url_encode({reinterpret_cast<const char*>(bytes), size});
}

std::string RequestStates::seal(std::string_view caller, std::string_view request,
                                std::string_view content) const {
  const std::string payload =
      base64url_encode(to_text({{"expires", seconds_of(clock_() + lifetime)}, {"content", content}}));
  return payload + "." + signature(caller, request, payload);
}

tl::expected<std::string, std::string> RequestStates::open(std::string_view caller, std::string_view request,
                                                           std::string_view state) const {
  const size_t dot = state.find('.');
  const std::string_view payload = state.substr(0, dot);
  if (dot == std::string_view::npos || !same(state.substr(dot + 1), signature(caller, request, payload))) {
    return tl::make_unexpected("Invalid params: requestState does not belong to this request");
  }
  const Json sealed = Json::parse(base64url_decode(payload).value_or(""));
  if (seconds_of(clock_()) >= sealed.at("expires").get<int64_t>()) {
    return tl::make_unexpected("Invalid params: requestState has expired; send the request without it");
  }
  return sealed.at("content").get<std::string>();
}

}  // namespace clickflow::sandbox
