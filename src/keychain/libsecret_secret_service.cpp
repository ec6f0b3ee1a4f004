#include <dlfcn.h>

#include <mutex>

#include "clickflow/base/log.h"
#include "libsecret.h"
#include "problem.h"

namespace clickflow::keychain {
namespace {

// The name that every libsecret since 2012 has had.
constexpr const char* file_name = "libsecret-1.so.0";

void say_nothing(const char*) {}

GLogWriterOutput pass_to_our_log(GLogLevelFlags, const GLogField* fields, gsize count, gpointer) {
  for (gsize i = 0; i < count; ++i) {
    if (fields[i].length < 0 && std::string_view(fields[i].key) == "MESSAGE") {
      log::debug("libsecret: {}", static_cast<const char*>(fields[i].value));
    }
  }
  return G_LOG_WRITER_HANDLED;
}

}  // namespace

Result<const Libsecret*> Libsecret::load(std::string_view keychain) {
  static std::mutex mutex;
  static Libsecret functions;
  static bool loaded = false;
  std::lock_guard lock(mutex);
  if (loaded) return &functions;

  // Never unloaded: GLib can't be, it has threads and types by then.
  void* const library = ::dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
  if (!library) return absent(keychain, std::string("the library ") + file_name + " is not installed");
  const char* missing = nullptr;
  auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    if (!function) missing = name;
  };
#define CLICKFLOW_FIND(name) find(functions.name, #name);
  CLICKFLOW_LIBSECRET_FUNCTIONS(CLICKFLOW_FIND)
#undef CLICKFLOW_FIND
  if (missing) return absent(keychain, std::string(file_name) + " is too old, it has no " + missing);

  // GLib prints to stdout, which is the host's, if G_MESSAGES_DEBUG or G_DBUS_DEBUG asks for it.
  functions.g_set_print_handler(say_nothing);
  functions.g_set_printerr_handler(say_nothing);
  functions.g_log_set_writer_func(pass_to_our_log, nullptr, nullptr);
  loaded = true;
  return &functions;
}

}  // namespace clickflow::keychain
