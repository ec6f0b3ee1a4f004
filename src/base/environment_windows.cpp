#include <openssl/crypto.h>
#include <windows.h>

#include <cstdlib>

#include "clickflow/base/environment.h"

namespace clickflow {

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

std::optional<Secret> take_environment(const char* name) {
  auto value = environment(name);
  ::_putenv_s(name, "");  // this is how Windows unsets
  ::SetEnvironmentVariableA(name, nullptr);
  if (!value) return std::nullopt;
  Secret secret(*value);
  OPENSSL_cleanse(value->data(), value->size());
  return secret;
}

}  // namespace clickflow
