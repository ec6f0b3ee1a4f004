#include "clickflow/sandbox/oauth/signing_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "clickflow/base/base64.h"
#include "clickflow/base/file.h"
#include "clickflow/base/sha256.h"

namespace clickflow::sandbox {
namespace {

constexpr int lock_limit_ms = 10000;  // longer than it takes to make a key on a busy machine

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;

template <class T>
T* must(T* made, const char* what) {
  if (!made) throw std::runtime_error(std::string("OpenSSL can't ") + what);
  return made;
}

std::string to_pem(EVP_PKEY* key) {
  const Bio bio(must(BIO_new(BIO_s_mem()), "write a key"));
  if (PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    throw std::runtime_error("OpenSSL can't write a key");
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

PrivateKey read_or_make(const std::filesystem::path& file) {
  const auto lock = FileLock::acquire(file.string() + ".lock", lock_limit_ms);  // two processes, one key
  if (!lock) throw std::runtime_error(lock.error().message());
  if (std::filesystem::exists(file)) {
    const auto text = read_file(file);
    if (!text) throw std::runtime_error(text.error().message());
    const Bio bio(must(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())), "read a key"));
    PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    if (!key || !EVP_PKEY_is_a(key.get(), "RSA"))
      throw std::runtime_error(file.string() + " holds no RSA key");
    return key;
  }
  PrivateKey key(must(EVP_RSA_gen(2048), "make a key"));
  if (auto written = write_file(file, to_pem(key.get())); !written) {
    throw std::runtime_error(written.error().message());
  }
  return key;
}

std::string parameter(EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) throw std::runtime_error("OpenSSL can't show a key");
  const Number number(raw);
  std::string bytes(static_cast<size_t>(BN_num_bytes(raw)), '\0');
  BN_bn2bin(raw, reinterpret_cast<unsigned char*>(bytes.data()));
  return base64url_encode(bytes);
}

std::string thumbprint(const std::string& n, const std::string& e) {
  const std::string text = R"({"e":")" + e + R"(","kty":"RSA","n":")" + n + R"("})";
  return base64url_encode(sha256(text));
}

}  // namespace

struct SigningKey::Key {
  PrivateKey pair;
  std::string n, e, id;
};

SigningKey::SigningKey(std::filesystem::path file) : file_(std::move(file)) {}

SigningKey::~SigningKey() = default;

const SigningKey::Key& SigningKey::key() {
  std::lock_guard guard(mutex_);
  if (!key_) {
    auto key = std::make_unique<Key>();
    key->pair = read_or_make(file_);
    key->n = parameter(key->pair.get(), OSSL_PKEY_PARAM_RSA_N);
    key->e = parameter(key->pair.get(), OSSL_PKEY_PARAM_RSA_E);
    key->id = thumbprint(key->n, key->e);
    key_ = std::move(key);
  }
  return *key_;
}

std::string SigningKey::sign(std::string_view bytes) {
  EVP_PKEY* pair = key().pair.get();
  const Digest digest(must(EVP_MD_CTX_new(), "sign"));
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(pair)), '\0');
  size_t size = signature.size();
  if (EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, pair) != 1 ||
      EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data,
                     bytes.size()) != 1) {
    throw std::runtime_error("OpenSSL can't sign");
  }
  signature.resize(size);
  return signature;
}

bool SigningKey::verify(std::string_view bytes, std::string_view signature) {
  const Digest digest(must(EVP_MD_CTX_new(), "verify"));
  return EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key().pair.get()) == 1 &&
         EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                          bytes.size()) == 1;
}

std::string SigningKey::id() {
  return key().id;
}

Json SigningKey::jwk() {
  const Key& shown = key();
  return {{"kty", "RSA"},    {"use", "sig"}, {"alg", "RS256"},
          {"kid", shown.id}, {"n", shown.n}, {"e", shown.e}};
}

}  // namespace clickflow::sandbox
