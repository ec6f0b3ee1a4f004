#include "clickflow/sandbox/random.h"

#include <openssl/rand.h>

#include <stdexcept>

namespace clickflow::sandbox {

std::string random_text(size_t length) {
  static constexpr std::string_view alphabet =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr unsigned fair =
      256 / alphabet.size() * alphabet.size();  // above it some characters would come more often
  std::string text;
  while (text.size() < length) {
    unsigned char byte = 0;
    if (RAND_bytes(&byte, 1) != 1) throw std::runtime_error("the system gives no random numbers");
    if (byte < fair) text += alphabet[byte % alphabet.size()];
  }
  return text;
}

}  // namespace clickflow::sandbox
