#pragma once

#include <openssl/crypto.h>

#include <string>

namespace clickflow::keychain {

/// Text with a secret in it on its way between a Secret and the system, wiped when it goes. Whoever appends
/// to it reserves the whole length first: a string that grows leaves a copy behind.
struct WipedText {
  std::string text;

  explicit WipedText(std::string value = {}) : text(std::move(value)) {}
  ~WipedText() { OPENSSL_cleanse(text.data(), text.size()); }
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;
};

}  // namespace clickflow::keychain
