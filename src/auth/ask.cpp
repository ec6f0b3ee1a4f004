#include "ask.h"

#include <openssl/crypto.h>

namespace clickflow::auth {
namespace {

constexpr http::Limits limits{.connect = std::chrono::seconds(10),
                              .first_byte = std::chrono::seconds(20),
                              .silence = std::chrono::seconds(10),
                              .whole = std::chrono::seconds(40)};

}  // namespace

Result<http::Response> ask(http::Client& http, http::Request request, const Cancellation& cancellation) {
  request.limits = limits;
  auto response = http::fetch(http, request, cancellation);
  OPENSSL_cleanse(request.body.data(), request.body.size());  // it may hold a code, a verifier or a secret
  return response;
}

bool is_transient(int status) {
  return status == 408 || status == 429 || status >= 500;
}

}  // namespace clickflow::auth
