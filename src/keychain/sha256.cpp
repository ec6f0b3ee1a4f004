#include "sha256.h"

#include <openssl/sha.h>
#include <spdlog/fmt/fmt.h>

namespace clickflow::keychain {

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  std::string text;
  for (unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace clickflow::keychain
