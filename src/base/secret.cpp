#include "clickflow/base/secret.h"

#include <openssl/crypto.h>

#include <utility>

#include "clickflow/base/log.h"

namespace clickflow {

Secret::Secret(std::string value) : value_(std::move(value)) {
  log::hide(value_);
  // A short string is copied when it is moved.
  value.resize(value.capacity());
  OPENSSL_cleanse(value.data(), value.size());
}

Secret::Secret(Secret&& other) noexcept : value_(other.value_) {
  OPENSSL_cleanse(other.value_.data(), other.value_.size());
  other.value_.clear();
}

Secret& Secret::operator=(Secret other) noexcept {
  // First, since swapping short strings leaves the end of the longer one where it stood.
  OPENSSL_cleanse(value_.data(), value_.size());
  value_.swap(other.value_);
  return *this;
}

Secret::~Secret() {
  OPENSSL_cleanse(value_.data(), value_.size());
}

bool operator==(const Secret& a, const Secret& b) {
  return a.value_.size() == b.value_.size() &&
         CRYPTO_memcmp(a.value_.data(), b.value_.data(), a.value_.size()) == 0;
}

}  // namespace clickflow
