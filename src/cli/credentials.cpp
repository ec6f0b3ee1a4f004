#include "clickflow/cli/credentials.h"

#include "clickflow/auth/api_key.h"
#include "clickflow/base/clock.h"
#include "clickflow/base/paths.h"

namespace clickflow::cli {
namespace {

auth::SessionIdentity identity_of(const Settings& settings) {
  return {settings.profile, settings.endpoint.to_string(), settings.organization, settings.identity_options};
}

bool is_keychains(ErrorCode code) {
  return code == ErrorCode::keychain_locked || code == ErrorCode::keychain_absent ||
         code == ErrorCode::keychain_no_bus || code == ErrorCode::keychain_refused;
}

}  // namespace

Credentials::Credentials(const Settings& settings, http::Client& http, bool may_prompt)
    : settings_(settings), http_(http), may_prompt_(may_prompt), forget_([&settings] {
        if (const auto folder = bridge::Catalog::default_folder())
          bridge::Catalog::forget_profile(*folder, settings.profile);
      }) {}

// The session uses the sign-in, and the sign-in the browser and the vault.
Credentials::~Credentials() {
  source_.reset();
  sign_in_.reset();
}

Result<std::optional<Secret>> Credentials::token(const auth::Occasion& occasion) {
  auto found = source();
  if (!found) return tl::make_unexpected(found.error());
  return (*found)->token(occasion);
}

Result<void> Credentials::renew(const auth::Refusal& refusal, const std::optional<Secret>& used,
                                const auth::Occasion& occasion) {
  auto found = source();
  if (!found) return tl::make_unexpected(found.error());
  auto renewed = (*found)->renew(refusal, used, occasion);
  if (!renewed && is_keychains(renewed.error().code)) {
    renewed.error().remedy += " An API key in CLICKFLOW_API_KEY needs no keychain.";
  }
  return renewed;
}

Result<Credentials::Kind> Credentials::kind() {
  if (auto found = source(); !found) return tl::make_unexpected(found.error());
  std::lock_guard lock(mutex_);
  return *kind_;
}

bool Credentials::signed_in() {
  const auto found = token({Cancellation(), false});
  return found && *found;
}

Result<Credentials::Vault*> Credentials::vault() {
  std::lock_guard lock(mutex_);
  if (vault_) return &*vault_;
  const auto state = paths::state();
  if (!state) return tl::make_unexpected(state.error());
  keychain::Settings keychain_settings;
  keychain_settings.kind = settings_.token_store;
  keychain_settings.may_prompt = may_prompt_;
  auto store = keychain::make_secret_store(keychain_settings);
  if (!store) return tl::make_unexpected(store.error());
  Vault vault;
  vault.keychain = std::move(*store);
  vault.folder = *state / "sign-in";
  vault.sessions =
      std::make_unique<auth::SessionStore>(*vault.keychain, identity_of(settings_), vault.folder);
  vault.api_key_entry = auth::store_key("api-key", identity_of(settings_), {}, {});
  vault.tab_name = auth::store_key("tab", identity_of(settings_), {}, {});
  vault_ = std::move(vault);
  return &*vault_;
}

Result<std::optional<Secret>> Credentials::stored_api_key() {
  const auto found = vault();
  if (!found) return tl::make_unexpected(found.error());
  return (*found)->keychain->read((*found)->api_key_entry);
}

Result<std::optional<Secret>> Credentials::api_key() {
  if (!settings_.api_key) return stored_api_key();
  auto key = auth::parse_api_key(settings_.api_key->expose());
  if (!key) return tl::make_unexpected(key.error());
  return *std::move(key);
}

auth::SignInContext Credentials::sign_in_context(Vault& vault) {
  return {http_, *vault.sessions, settings_.client_identity, system_clock(), [this] { identity_changed(); }};
}

bridge::Catalog::Key Credentials::catalog_key() const {
  // A server may know its clients by any header.
  std::string credentials;
  for (const auto& [name, value] : settings_.headers) credentials += name + ": " + value + "\n";
  if (settings_.api_key) credentials += settings_.api_key->expose();
  return {settings_.profile, settings_.endpoint.to_string(), settings_.organization,
          credentials.empty() ? "" : bridge::Catalog::account_of_key(credentials)};
}

void Credentials::identity_changed() {
  forget_();
}

Result<auth::TokenSource*> Credentials::source() {
  {
    std::lock_guard lock(mutex_);
    if (source_) return source_.get();
  }
  auto use = [this](Kind kind, std::unique_ptr<auth::TokenSource> made) -> auth::TokenSource* {
    std::lock_guard lock(mutex_);
    if (!source_) {
      kind_ = kind;
      source_ = std::move(made);
    }
    return source_.get();
  };
  if (settings_.headers.get("Authorization")) {
    return use(Kind::own_header, std::make_unique<auth::ApiKeySource>(std::nullopt));
  }
  const auto key = api_key();
  if (key && *key) {
    return use(settings_.api_key ? Kind::environment_key : Kind::stored_key,
               std::make_unique<auth::ApiKeySource>(*key));
  }
  // A keychain that can't be read may hold a key; but a server that wants none must still be served.
  if (!key && settings_.api_key) return tl::make_unexpected(key.error());
  const auto found = vault();
  if (!found) return tl::make_unexpected(found.error());

  std::lock_guard lock(mutex_);
  if (source_) return source_.get();
  browser_ = auth::make_system_browser();
  auth::BrowserSignIn::Settings how;
  how.callback_port = settings_.callback_port;
  how.patience = settings_.sign_in_patience;
  how.surroundings = auth::look_around();
  auth::OneTab tabs((*found)->folder, (*found)->tab_name);
  sign_in_ = std::make_unique<auth::BrowserSignIn>(sign_in_context(**found), *browser_, std::move(tabs), how);
  source_ = std::make_unique<auth::OAuthSession>(settings_.endpoint, http_, *(*found)->sessions, *sign_in_,
                                                 system_clock());
  kind_ = Kind::sign_in;
  return source_.get();
}

}  // namespace clickflow::cli
