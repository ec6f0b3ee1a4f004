#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "clickflow/sandbox/json.h"

namespace clickflow::sandbox {

/// The RSA key (2048 bits) that signs tokens, in a PEM file with mode 0600. It is read, or made, when it is
/// needed first, since that takes a while. Everything throws std::runtime_error where the file is damaged or
/// can't be written. Any thread may call anything.
class SigningKey {
 public:
  explicit SigningKey(std::filesystem::path file);
  ~SigningKey();

  /// RSASSA-PKCS1-v1_5 with SHA-256, which JWS calls RS256 (RFC 7518, section 3.3).
  std::string sign(std::string_view bytes);
  bool verify(std::string_view bytes, std::string_view signature);

  /// Its name: the thumbprint of RFC 7638, so that the same key has the same name after a restart.
  std::string id();
  /// The public half (RFC 7517).
  Json jwk();

 private:
  struct Key;
  const Key& key();

  const std::filesystem::path file_;
  std::mutex mutex_;
  std::unique_ptr<Key> key_;
};

}  // namespace clickflow::sandbox
