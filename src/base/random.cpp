#include "clickflow/base/random.h"

#include <openssl/rand.h>

#include <cstdlib>

#include "clickflow/base/log.h"

namespace clickflow {

std::string random_bytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    log::error("the system gives no random bytes");
    std::abort();
  }
  return bytes;
}

}  // namespace clickflow
