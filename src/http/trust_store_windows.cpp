#include <windows.h>

#include <wincrypt.h>

// After wincrypt.h, whose macros have the names of OpenSSL's types.
#include <openssl/x509.h>

#include <cstdlib>
#include <memory>

#include "trust_store.h"

namespace clickflow::http {
namespace {

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

}  // namespace

const char* const TrustStore::empty_folder = "NUL";

bool add_system_authorities(X509_STORE* store) {
  if (std::getenv("SSL_CERT_FILE") || std::getenv("SSL_CERT_DIR")) {
    if (X509_STORE_set_default_paths(store) == 1) return true;
  }
  const HCERTSTORE roots = ::CertOpenSystemStoreW(0, L"ROOT");
  if (!roots) return false;
  bool found = false;
  const CERT_CONTEXT* entry = nullptr;
  while ((entry = ::CertEnumCertificatesInStore(roots, entry))) {
    const unsigned char* bytes = entry->pbCertEncoded;
    const std::unique_ptr<X509, FreeCertificate> certificate(
        d2i_X509(nullptr, &bytes, static_cast<long>(entry->cbCertEncoded)));
    if (certificate && X509_STORE_add_cert(store, certificate.get()) == 1) found = true;
  }
  ::CertCloseStore(roots, 0);
  return found;
}

}  // namespace clickflow::http
