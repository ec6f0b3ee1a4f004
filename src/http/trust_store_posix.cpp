#include <openssl/x509.h>

#include <cstdlib>
#include <filesystem>

#include "trust_store.h"

namespace clickflow::http {
namespace {

// OpenSSL reads a folder's authorities on demand, and only those under such a name as 5ed36f99.0.
bool has_hashed_names(const char* folder) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().filename().string().find_first_not_of("0123456789abcdef") == 8 &&
        entry->path().extension() == ".0")
      return true;
  }
  return false;
}

}  // namespace

const char* const TrustStore::empty_folder = "/dev/null";

bool add_system_authorities(X509_STORE* store) {
  // SSL_CERT_FILE and SSL_CERT_DIR, else where this OpenSSL was configured to look. It succeeds where nothing
  // is there, too.
  const bool overridden = std::getenv("SSL_CERT_FILE") || std::getenv("SSL_CERT_DIR");
  if (X509_STORE_set_default_paths(store) == 1 && overridden) return true;
  // An OpenSSL that was built elsewhere looks in the wrong place: these are the systems' own. A folder of
  // hashed names is read on demand and costs nothing to add.
  constexpr const char* folder = "/etc/ssl/certs";
  X509_STORE_load_path(store, folder);
  for (const char* file :
       {"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem"}) {
    if (std::error_code ignored; std::filesystem::exists(file, ignored)) X509_STORE_load_file(store, file);
  }
  return sk_X509_OBJECT_num(X509_STORE_get0_objects(store)) > 0 || has_hashed_names(folder) ||
         has_hashed_names(X509_get_default_cert_dir());
}

}  // namespace clickflow::http
