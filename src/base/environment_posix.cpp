#include <openssl/crypto.h>

#include <cstdlib>
#include <cstring>

#include "clickflow/base/environment.h"

namespace clickflow {

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

std::optional<Secret> take_environment(const char* name) {
  char* value = std::getenv(name);
  if (!value) return std::nullopt;
  std::string copy(value);
  OPENSSL_cleanse(value, std::strlen(value));
  ::unsetenv(name);
  if (copy.empty()) return std::nullopt;
  Secret secret(copy);
  OPENSSL_cleanse(copy.data(), copy.size());
  return secret;
}

}  // namespace clickflow
