#include "trust_store.h"

#include <utility>

namespace clickflow::http {

Result<X509_STORE*> TrustStore::share() {
  std::lock_guard lock(mutex_);
  if (!store_) {
    if (auto loaded = load(); !loaded) return tl::make_unexpected(loaded.error());
  }
  X509_STORE_up_ref(store_.get());
  return store_.get();
}

Result<void> TrustStore::load() {
  std::unique_ptr<X509_STORE, Free> store(X509_STORE_new());
  if (!add_system_authorities(store.get()) && !extra_file_) {
    return fail(ErrorCode::unreachable, "The system's certificate authorities can't be found.",
                "Install them (the package ca-certificates), or name a file of them with --ca-file.");
  }
  if (extra_file_ && X509_STORE_load_file(store.get(), extra_file_->c_str()) != 1) {
    return fail(ErrorCode::unreachable, "No certificate can be read from " + *extra_file_ + ".",
                "Check --ca-file: it takes a file in PEM format.");
  }
  // cpp-httplib adds this folder for each connection; only the first addition writes to the shared store.
  X509_STORE_load_path(store.get(), empty_folder);
  store_ = std::move(store);
  return {};
}

}  // namespace clickflow::http
