#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "keyring_call.h"
#include "problem.h"

namespace clickflow::keychain {
namespace {

constexpr const char* bus_name = "org.freedesktop.secrets";
constexpr const char* service_path = "/org/freedesktop/secrets";
constexpr const char* no_path = "/";  // how the specification spells "no prompt"
constexpr int default_timeout = -1;   // 25 s; the cancellable comes first

template <class T>
GDBusProxy* proxy(T* object) {
  return reinterpret_cast<GDBusProxy*>(object);
}

// The two places where GLib looks for a bus that runs. In a third case it would start one, on which nobody
// offers a keychain.
bool has_session_bus() {
  const char* address = std::getenv("DBUS_SESSION_BUS_ADDRESS");
  if (address && *address) return !std::string_view(address).starts_with("autolaunch:");
  const char* folder = std::getenv("XDG_RUNTIME_DIR");
  struct stat info {};
  return folder && *folder && ::stat((std::string(folder) + "/bus").c_str(), &info) == 0 &&
         S_ISSOCK(info.st_mode) && info.st_uid == ::geteuid();
}

}  // namespace

// GLib hands what is to be done later, the freeing of what a call has used included, to the thread's main
// context.
KeyringCall::KeyringCall(const Libsecret& library, const std::string& keychain, const Cancellation& given_up)
    : library_(library),
      keychain_(keychain),
      context_(library.g_main_context_new()),
      cancellable_(own(library.g_cancellable_new())),
      on_given_up_(given_up, [this] { library_.g_cancellable_cancel(cancellable_.get()); }),
      bus_(own<GDBusConnection>(nullptr)),
      service_(own<SecretService>(nullptr)) {
  library_.g_main_context_push_thread_default(context_);
}

KeyringCall::~KeyringCall() {
  service_.reset();
  bus_.reset();
  while (library_.g_main_context_iteration(context_, FALSE)) {
  }
  library_.g_main_context_pop_thread_default(context_);
  library_.g_main_context_unref(context_);
}

Result<std::unique_ptr<KeyringCall>> KeyringCall::open(const std::string& keychain,
                                                       const Cancellation& given_up) {
  if (!has_session_bus()) return no_session_bus(keychain, "");
  const auto library = Libsecret::load(keychain);
  if (!library) return tl::make_unexpected(library.error());
  const Libsecret& lib = **library;
  std::unique_ptr<KeyringCall> call(new KeyringCall(lib, keychain, given_up));
  GError* error = nullptr;
  call->bus_ = call->own(lib.g_bus_get_sync(G_BUS_TYPE_SESSION, call->cancellable(), &error));
  if (!call->bus_) return call->problem(error);
  // Otherwise GLib ends this process when the desktop's session does.
  lib.g_dbus_connection_set_exit_on_close(call->bus_.get(), FALSE);
  call->service_ = call->own(lib.secret_service_open_sync(
      lib.secret_service_get_type(), nullptr, SECRET_SERVICE_OPEN_SESSION, call->cancellable(), &error));
  if (!call->service_) return call->problem(error);
  return call;
}

Result<Object<SecretCollection>> KeyringCall::default_keyring(bool may_prompt) const {
  GError* error = nullptr;
  auto keyring = own(library_.secret_collection_for_alias_sync(
      service(), SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, cancellable(), &error));
  if (error) return problem(error);
  if (keyring && library_.secret_collection_get_locked(keyring.get())) {
    const auto unlocked = may_prompt ? unlock_asking(keyring.get()) : unlock_silently(keyring.get());
    if (!unlocked) return tl::make_unexpected(unlocked.error());
  }
  return keyring;
}

Result<Object<SecretCollection>> KeyringCall::make_default_keyring() const {
  GError* error = nullptr;
  auto keyring =
      own(library_.secret_collection_create_sync(service(), "Default keyring", SECRET_COLLECTION_DEFAULT,
                                                 SECRET_COLLECTION_CREATE_NONE, cancellable(), &error));
  if (error) return problem(error);
  if (!keyring) return not_unlocked(keychain_);
  return keyring;
}

Result<void> KeyringCall::unlock_asking(SecretCollection* keyring) const {
  GList objects{keyring, nullptr, nullptr};
  GError* error = nullptr;
  const int unlocked =
      library_.secret_service_unlock_sync(service(), &objects, cancellable(), nullptr, &error);
  if (error) return problem(error);
  if (unlocked < 1) return not_unlocked(keychain_);
  return {};
}

// A keyring without a password is locked as well when gnome-keyring starts, and opens for whoever asks. One
// with a password answers with a prompt, which appears only when it is told to: it never is.
Result<void> KeyringCall::unlock_silently(SecretCollection* keyring) const {
  const char* const path = library_.g_dbus_proxy_get_object_path(proxy(keyring));
  GVariant* paths = library_.g_variant_new_objv(&path, 1);
  GError* error = nullptr;
  GVariant* const answer = library_.g_dbus_connection_call_sync(
      bus_.get(), bus_name, service_path, "org.freedesktop.Secret.Service", "Unlock",
      library_.g_variant_new_tuple(&paths, 1), reinterpret_cast<const GVariantType*>("(aoo)"),
      G_DBUS_CALL_FLAGS_NONE, default_timeout, cancellable(), &error);
  if (!answer) return problem(error);
  const char* borrowed = nullptr;
  library_.g_variant_get_child(answer, 1, "&o", &borrowed);
  const std::string prompt = borrowed;
  library_.g_variant_unref(answer);
  if (prompt == no_path) return {};
  GVariant* const done = library_.g_dbus_connection_call_sync(
      bus_.get(), bus_name, prompt.c_str(), "org.freedesktop.Secret.Prompt", "Dismiss", nullptr, nullptr,
      G_DBUS_CALL_FLAGS_NONE, default_timeout, cancellable(), nullptr);
  if (done) library_.g_variant_unref(done);
  return locked(keychain_);
}

tl::unexpected<Error> KeyringCall::problem(GError* error) const {
  const std::unique_ptr<GError, decltype(library_.g_error_free)> owned(error, library_.g_error_free);
  if (!error) return broken(keychain_, "it gave no reason");
  if (error->domain == library_.secret_error_get_quark()) {
    if (error->code == SECRET_ERROR_IS_LOCKED) return locked(keychain_);
  } else if (error->domain == library_.g_io_error_quark()) {
    switch (error->code) {
      case G_IO_ERROR_CANCELLED:
      case G_IO_ERROR_TIMED_OUT:
        return timed_out(keychain_);
      // An address without a bus behind it, as an old terminal multiplexer may have.
      case G_IO_ERROR_NOT_FOUND:
      case G_IO_ERROR_CONNECTION_REFUSED:
      case G_IO_ERROR_CLOSED:
        return no_session_bus(keychain_, error->message);
      case G_IO_ERROR_PERMISSION_DENIED:
        return refused(keychain_, error->message);
      default:
        break;
    }
  } else if (error->domain == library_.g_dbus_error_quark()) {
    switch (error->code) {
      case G_DBUS_ERROR_SERVICE_UNKNOWN:
      case G_DBUS_ERROR_NAME_HAS_NO_OWNER:
        return absent(keychain_, "no program offers it (GNOME Keyring, KWallet or KeePassXC would)");
      case G_DBUS_ERROR_SPAWN_EXEC_FAILED:
      case G_DBUS_ERROR_SPAWN_FORK_FAILED:
      case G_DBUS_ERROR_SPAWN_CHILD_EXITED:
      case G_DBUS_ERROR_SPAWN_CHILD_SIGNALED:
      case G_DBUS_ERROR_SPAWN_FAILED:
      case G_DBUS_ERROR_SPAWN_SERVICE_INVALID:
      case G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND:
      case G_DBUS_ERROR_SPAWN_FILE_INVALID:
        return absent(keychain_, error->message);
      case G_DBUS_ERROR_NO_REPLY:
      case G_DBUS_ERROR_TIMEOUT:
      case G_DBUS_ERROR_TIMED_OUT:
        return timed_out(keychain_);
      case G_DBUS_ERROR_ACCESS_DENIED:
      case G_DBUS_ERROR_AUTH_FAILED:
        return refused(keychain_, error->message);
      case G_DBUS_ERROR_NO_SERVER:
      case G_DBUS_ERROR_DISCONNECTED:
      case G_DBUS_ERROR_BAD_ADDRESS:
        return no_session_bus(keychain_, error->message);
      default:
        break;
    }
  }
  return broken(keychain_, error->message);
}

}  // namespace clickflow::keychain
