#pragma once

#include <libsecret/secret.h>

#include <string_view>

#include "clickflow/base/error.h"

// What we call of libsecret and, under it, of GLib and GIO.
#define CLICKFLOW_LIBSECRET_FUNCTIONS(X) \
  X(g_bus_get_sync)                      \
  X(g_cancellable_cancel)                \
  X(g_cancellable_new)                   \
  X(g_dbus_connection_call_sync)         \
  X(g_dbus_connection_set_exit_on_close) \
  X(g_dbus_error_quark)                  \
  X(g_dbus_proxy_get_object_path)        \
  X(g_error_free)                        \
  X(g_hash_table_unref)                  \
  X(g_io_error_quark)                    \
  X(g_list_free_full)                    \
  X(g_log_set_writer_func)               \
  X(g_main_context_iteration)            \
  X(g_main_context_new)                  \
  X(g_main_context_pop_thread_default)   \
  X(g_main_context_push_thread_default)  \
  X(g_main_context_unref)                \
  X(g_object_unref)                      \
  X(g_set_print_handler)                 \
  X(g_set_printerr_handler)              \
  X(g_variant_get_child)                 \
  X(g_variant_new_objv)                  \
  X(g_variant_new_tuple)                 \
  X(g_variant_unref)                     \
  X(secret_attributes_build)             \
  X(secret_collection_create_sync)       \
  X(secret_collection_for_alias_sync)    \
  X(secret_collection_get_locked)        \
  X(secret_collection_search_sync)       \
  X(secret_error_get_quark)              \
  X(secret_item_create_sync)             \
  X(secret_item_delete_sync)             \
  X(secret_item_get_locked)              \
  X(secret_item_get_secret)              \
  X(secret_service_get_type)             \
  X(secret_service_open_sync)            \
  X(secret_service_search_sync)          \
  X(secret_service_unlock_sync)          \
  X(secret_value_get)                    \
  X(secret_value_new)                    \
  X(secret_value_unref)

namespace clickflow::keychain {

/// The functions under their own names, found when they are first needed: the library and what it brings
/// along would cost every start of the program, and not every machine has it.
struct Libsecret {
#define CLICKFLOW_MEMBER(name) decltype(&::name) name;
  CLICKFLOW_LIBSECRET_FUNCTIONS(CLICKFLOW_MEMBER)
#undef CLICKFLOW_MEMBER

  /// Valid until the process ends. `keychain_absent`, in the name of `keychain`, where there is no such
  /// library. Any thread.
  static Result<const Libsecret*> load(std::string_view keychain);
};

}  // namespace clickflow::keychain
