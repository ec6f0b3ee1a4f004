#pragma once

#include <memory>
#include <string>

#include "clickflow/base/cancellation.h"
#include "clickflow/base/error.h"
#include "libsecret.h"

namespace clickflow::keychain {

struct Unref {
  const Libsecret* library;
  void operator()(void* object) const { library->g_object_unref(object); }
};
template <class T>
using Object = std::unique_ptr<T, Unref>;

/// One call's connection to the Secret Service, from opening to its end. Each has its own: a service that was
/// restarted meanwhile knows nothing of an old one's session.
class KeyringCall {
 public:
  ~KeyringCall();

  /// Connects and agrees on a key for what goes over the bus. Both arguments outlive the object; when
  /// `given_up` comes, whatever waits ends.
  static Result<std::unique_ptr<KeyringCall>> open(const std::string& keychain, const Cancellation& given_up);

  const Libsecret& library() const { return library_; }
  SecretService* service() const { return service_.get(); }
  GCancellable* cancellable() const { return cancellable_.get(); }

  /// Takes care of a reference that was handed to us; may be null.
  template <class T>
  Object<T> own(T* object) const {
    return Object<T>(object, Unref{&library_});
  }

  /// The keyring that new entries go to, unlocked; null if there is none. With `may_prompt` the person may be
  /// asked to unlock it; without it is only tried whether it needs no password.
  Result<Object<SecretCollection>> default_keyring(bool may_prompt) const;
  /// Asks the person to set up a default keyring.
  Result<Object<SecretCollection>> make_default_keyring() const;

  /// What `error`, which it frees, means to a person.
  tl::unexpected<Error> problem(GError* error) const;

 private:
  KeyringCall(const Libsecret& library, const std::string& keychain, const Cancellation& given_up);

  Result<void> unlock_asking(SecretCollection* keyring) const;
  Result<void> unlock_silently(SecretCollection* keyring) const;
  const Libsecret& library_;
  const std::string& keychain_;
  GMainContext* const context_;
  const Object<GCancellable> cancellable_;
  const Cancellation::Callback on_given_up_;
  Object<GDBusConnection> bus_;
  Object<SecretService> service_;
};

}  // namespace clickflow::keychain
