#include "backend.h"
#include "clickflow/keychain/secret_store.h"
#include "keyring_call.h"
#include "problem.h"

namespace clickflow::keychain {
namespace {

/// The freedesktop.org Secret Service: GNOME Keyring, KWallet, KeePassXC. Entries live in the default
/// keyring.
class SecretServiceKeychain final : public Backend {
 public:
  explicit SecretServiceKeychain(bool may_prompt) : may_prompt_(may_prompt) {}

  Result<std::optional<Secret>> read(const std::string& key, const Cancellation& given_up) override {
    return with_call(given_up, [&](const KeyringCall& call) -> Result<std::optional<Secret>> {
      const Libsecret& lib = call.library();
      const auto keyring = call.default_keyring(may_prompt_);
      if (!keyring) return tl::make_unexpected(keyring.error());
      if (!*keyring) return std::nullopt;
      const Attributes attributes(lib, key);
      GError* error = nullptr;
      const Items items(
          lib, lib.secret_collection_search_sync(keyring->get(), attributes.schema(), attributes.get(),
                                                 SECRET_SEARCH_LOAD_SECRETS, call.cancellable(), &error));
      if (error) return call.problem(error);
      if (items.empty()) return std::nullopt;
      SecretItem* const item = items.first();
      SecretValue* const value = lib.secret_item_get_secret(item);
      // KeePassXC locks entry by entry.
      if (!value && lib.secret_item_get_locked(item)) return locked(description());
      if (!value) return refused(description(), "it did not give the entry's value");
      gsize size = 0;
      const char* const bytes = lib.secret_value_get(value, &size);
      Secret secret(std::string(bytes, size));
      lib.secret_value_unref(value);  // wiped by libsecret
      return secret;
    });
  }

  Result<void> write(const std::string& key, const Secret& secret, const Cancellation& given_up) override {
    return with_call(given_up, [&](const KeyringCall& call) -> Result<void> {
      const Libsecret& lib = call.library();
      auto keyring = call.default_keyring(may_prompt_);
      if (keyring && !*keyring && may_prompt_) keyring = call.make_default_keyring();
      if (!keyring) return tl::make_unexpected(keyring.error());
      if (!*keyring) return no_default_keyring(description());
      const std::string_view bytes = secret.expose();
      SecretValue* const value =
          lib.secret_value_new(bytes.data(), static_cast<gssize>(bytes.size()), "text/plain; charset=utf8");
      const Attributes attributes(lib, key);
      GError* error = nullptr;
      const auto item = call.own(lib.secret_item_create_sync(
          keyring->get(), attributes.schema(), attributes.get(), ("ClickFlow sign-in, " + key).c_str(), value,
          SECRET_ITEM_CREATE_REPLACE, call.cancellable(), &error));
      lib.secret_value_unref(value);
      if (!item) return call.problem(error);
      return {};
    });
  }

  Result<bool> remove(const std::string& key, const Cancellation& given_up) override {
    return with_call(given_up, [&](const KeyringCall& call) -> Result<bool> {
      const Libsecret& lib = call.library();
      const auto keyring = call.default_keyring(may_prompt_);
      if (!keyring) return tl::make_unexpected(keyring.error());
      const Attributes attributes(lib, key);
      GError* error = nullptr;
      // In every keyring: the default may have been another one when the entry was made.
      const Items items(lib,
                        lib.secret_service_search_sync(call.service(), attributes.schema(), attributes.get(),
                                                       SECRET_SEARCH_ALL, call.cancellable(), &error));
      if (error) return call.problem(error);
      for (const GList* at = items.list(); at; at = at->next) {
        auto* const item = static_cast<SecretItem*>(at->data);
        if (lib.secret_item_get_locked(item)) return locked(description());
        if (!lib.secret_item_delete_sync(item, call.cancellable(), &error)) return call.problem(error);
      }
      return !items.empty();
    });
  }

  std::string description() const override { return keychain_; }

 private:
  /// What an entry is found by.
  class Attributes {
   public:
    Attributes(const Libsecret& library, const std::string& key) : library_(library) {
      // Named for people; entries are found without the name, which KWallet and old GNOME keyrings don't
      // keep.
      schema_.name = "com.clickflow.mcp";
      schema_.flags = SECRET_SCHEMA_DONT_MATCH_NAME;
      schema_.attributes[0] = {"service", SECRET_SCHEMA_ATTRIBUTE_STRING};
      schema_.attributes[1] = {"account", SECRET_SCHEMA_ATTRIBUTE_STRING};
      table_ =
          library.secret_attributes_build(&schema_, "service", service_name, "account", key.c_str(), nullptr);
    }
    ~Attributes() { library_.g_hash_table_unref(table_); }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;

    const SecretSchema* schema() const { return &schema_; }
    GHashTable* get() const { return table_; }

   private:
    const Libsecret& library_;
    SecretSchema schema_{};
    GHashTable* table_;
  };

  class Items {
   public:
    Items(const Libsecret& library, GList* list) : library_(library), list_(list) {}
    ~Items() { library_.g_list_free_full(list_, library_.g_object_unref); }
    Items(const Items&) = delete;
    Items& operator=(const Items&) = delete;

    bool empty() const { return !list_; }
    SecretItem* first() const { return static_cast<SecretItem*>(list_->data); }
    const GList* list() const { return list_; }

   private:
    const Libsecret& library_;
    GList* const list_;
  };

  template <class Talk>
  auto with_call(const Cancellation& given_up, const Talk& talk)
      -> decltype(talk(std::declval<KeyringCall&>())) {
    const auto call = KeyringCall::open(keychain_, given_up);
    if (!call) return tl::make_unexpected(call.error());
    return talk(**call);
  }

  const bool may_prompt_;
  const std::string keychain_ = "the desktop's keychain (Secret Service)";
};

}  // namespace

std::unique_ptr<Backend> make_system_backend(bool may_prompt) {
  return std::make_unique<SecretServiceKeychain>(may_prompt);
}

}  // namespace clickflow::keychain
