#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace clickflow::testing {

/// A certificate and its key, made for one test.
struct Identity {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;

  std::string certificate_pem() const;
  std::string key_pem() const;
};

/// A certificate authority that nobody trusts until its PEM file is given out.
class Authority {
 public:
  Authority();

  /// For a host name or an address, valid from an hour ago until `hours` from now.
  Identity issue(const std::string& host, int hours = 24) const;
  std::string pem() const { return self_.certificate_pem(); }

 private:
  Identity self_;
};

}  // namespace clickflow::testing
