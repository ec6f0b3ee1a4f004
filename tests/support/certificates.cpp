#include "support/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>

namespace clickflow::testing {
namespace {

constexpr long hour = 60 * 60;

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL makes no certificate");
}

template <class Write>
std::string pem_of(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  require(write(out.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<size_t>(size)};
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free);
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

Identity make_identity(const std::string& name, int hours) {
  static long serial = 1000;
  Identity identity{{X509_new(), X509_free}, {EVP_EC_gen("P-256"), EVP_PKEY_free}};
  X509* certificate = identity.certificate.get();
  require(certificate && identity.key);
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -hour + std::min(hours, 0) * hour);
  X509_gmtime_adj(X509_getm_notAfter(certificate), hours * hour);
  X509_set_pubkey(certificate, identity.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return identity;
}

// Two of one name would be mixed up: nothing else in their certificates tells whose signature a third one
// bears.
std::string next_name() {
  static int count = 0;
  return "clickflow test authority " + std::to_string(++count);
}

}  // namespace

std::string Identity::certificate_pem() const {
  return pem_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

std::string Identity::key_pem() const {
  return pem_of([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

Authority::Authority() : self_(make_identity(next_name(), 24)) {
  X509* certificate = self_.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  require(X509_sign(certificate, self_.key.get(), EVP_sha256()) > 0);
}

Identity Authority::issue(const std::string& host, int hours) const {
  Identity identity = make_identity(host, hours);
  X509* certificate = identity.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(self_.certificate.get()));
  const bool address =
      host.find_first_not_of("0123456789.") == std::string::npos || host.find(':') != std::string::npos;
  add_extension(certificate, self_.certificate.get(), NID_subject_alt_name,
                (address ? "IP:" : "DNS:") + host);
  require(X509_sign(certificate, self_.key.get(), EVP_sha256()) > 0);
  return identity;
}

}  // namespace clickflow::testing
