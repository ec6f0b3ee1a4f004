#include "state_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <chrono>

#include "clickflow/base/base64.h"
#include "clickflow/base/random.h"

namespace clickflow::bridge::modern_host {
namespace {

using std::chrono::milliseconds;

constexpr size_t digest_size = 32;  // of SHA-256, and of an HMAC with it
constexpr size_t key_size = 32;
constexpr size_t numbers_size = 8 + 4 + 8;
constexpr size_t token_size = numbers_size + digest_size + digest_size;

void put(std::string& bytes, uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

uint64_t get(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = at; i < at + count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

StateTokens::StateTokens() : key_(random_bytes(key_size)) {}

std::string StateTokens::mac(std::string_view bytes) const {
  std::string result(digest_size, '\0');
  unsigned int size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
       reinterpret_cast<unsigned char*>(result.data()), &size);
  return result;
}

std::string StateTokens::seal(const StateToken& token, std::string_view digest) const {
  const auto expires = std::chrono::duration_cast<milliseconds>(token.expires.time_since_epoch()).count();
  std::string bytes;
  put(bytes, token.number, 8);
  put(bytes, token.round, 4);
  put(bytes, static_cast<uint64_t>(expires), 8);
  bytes += digest;
  return base64url_encode(bytes + mac(bytes));
}

tl::expected<StateToken, StateTokens::Flaw> StateTokens::open(std::string_view token, std::string_view digest,
                                                              TimePoint now) const {
  const auto bytes = base64url_decode(token);
  if (!bytes || bytes->size() != token_size) return tl::make_unexpected(Flaw::forged);
  const auto signed_part = std::string_view(*bytes).substr(0, numbers_size + digest_size);
  if (!same(mac(signed_part), std::string_view(*bytes).substr(signed_part.size())))
    return tl::make_unexpected(Flaw::forged);
  StateToken opened{get(*bytes, 0, 8), static_cast<uint32_t>(get(*bytes, 8, 4)),
                    TimePoint(milliseconds(static_cast<int64_t>(get(*bytes, 12, 8))))};
  if (!same(signed_part.substr(numbers_size), digest)) return tl::make_unexpected(Flaw::of_another_request);
  if (now >= opened.expires) return tl::make_unexpected(Flaw::expired);
  return opened;
}

}  // namespace clickflow::bridge::modern_host
