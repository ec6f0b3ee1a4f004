#include <openssl/x509.h>
#include <sys/stat.h>

#include <cstdlib>

#include "trust_store.h"

namespace clickflow::http {
namespace {

bool exists(const char* path) {
  struct stat info {};
  return ::stat(path, &info) == 0;
}

}  // namespace

const char* const TrustStore::empty_folder = "/dev/null";

bool add_system_authorities(X509_STORE* store) {
  // SSL_CERT_FILE and SSL_CERT_DIR, else where this OpenSSL was configured to look.
  const bool overridden = std::getenv("SSL_CERT_FILE") || std::getenv("SSL_CERT_DIR");
  if (overridden || exists(X509_get_default_cert_file()) || exists(X509_get_default_cert_dir())) {
    if (X509_STORE_set_default_paths(store) == 1 && overridden) return true;
  }
  // An OpenSSL that was built elsewhere looks in the wrong place: these are the systems' own. A folder of
  // hashed names is read on demand and costs nothing to add.
  bool found = false;
  constexpr const char* folder = "/etc/ssl/certs";
  if (exists(folder) && X509_STORE_load_path(store, folder) == 1) found = true;
  for (const char* file :
       {"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem"}) {
    if (exists(file) && X509_STORE_load_file(store, file) == 1) found = true;
  }
  return found;
}

}  // namespace clickflow::http
