#pragma once

#include <openssl/x509_vfy.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "clickflow/base/error.h"

namespace clickflow::http {

/// The certificate authorities that we trust: the system's, and those of a file. Loading them takes 25 ms
/// where they are one big file, so it happens once, when TLS is first needed, and all connections share them.
class TrustStore {
 public:
  explicit TrustStore(std::optional<std::string> extra_file) : extra_file_(std::move(extra_file)) {}

  /// A reference that the caller (or what it is handed to) frees. Any thread.
  Result<X509_STORE*> share();

  /// Given to cpp-httplib as the folder of authorities: without one it would load the system's again for
  /// every connection. Nothing can be in it.
  static const char* const empty_folder;

 private:
  struct Free {
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  };

  Result<void> load();

  const std::optional<std::string> extra_file_;
  std::mutex mutex_;
  std::unique_ptr<X509_STORE, Free> store_;
};

/// Adds what the operating system trusts. False if nothing could be had.
bool add_system_authorities(X509_STORE* store);

}  // namespace clickflow::http
