#include "clickflow/cli/credentials.h"

#include "clickflow/auth/api_key.h"
#include "clickflow/base/clock.h"
#include "clickflow/base/paths.h"
#include "clickflow/base/sha256.h"

namespace clickflow::cli {
namespace {

// How often the keychain is asked for a key while nobody is signed in.
constexpr auto look_again_after = std::chrono::seconds(2);

auth::SessionIdentity identity_of(const Settings& settings) {
  return {settings.profile, settings.endpoint.to_string(), settings.organization, settings.identity_options};
}

// One key serves every organization: which one, a header says.
auth::SessionIdentity key_identity_of(const Settings& settings) {
  return {settings.profile, settings.endpoint.to_string(), {}};
}

bool is_keychains(ErrorCode code) {
  return code == ErrorCode::keychain_locked || code == ErrorCode::keychain_absent ||
         code == ErrorCode::keychain_no_bus || code == ErrorCode::keychain_refused;
}

Error with_way_out(Error error) {
  if (is_keychains(error.code)) error.remedy += " An API key in CLICKFLOW_API_KEY needs no keychain.";
  return error;
}

std::string login_command(const Settings& settings) {
  return "`clickflow-mcp login --api-key" + settings.identity_options + "`";
}

}  // namespace

Credentials::Credentials(const Settings& settings, http::Client& http, bool may_prompt)
    : settings_(settings), http_(http), may_prompt_(may_prompt), forget_([&settings] {
        if (const auto folder = bridge::Catalog::default_folder())
          bridge::Catalog::forget_profile(*folder, settings.profile);
      }) {}

Result<std::optional<Secret>> Credentials::token(const auth::Occasion& occasion) {
  const auto found = source();
  if (!found) return tl::make_unexpected(found.error());
  auto token = found->tokens->token(occasion);
  if (found->kind == Kind::sign_in && token) signed_in_ = token->has_value();
  return token;
}

Result<void> Credentials::renew(const auth::Refusal& refusal, const std::optional<Secret>& used,
                                const auth::Occasion& occasion) {
  const auto found = source();
  if (!found) return tl::make_unexpected(found.error());
  return found->tokens->renew(refusal, used, occasion).map_error(with_way_out);
}

Result<Credentials::Kind> Credentials::kind() {
  return source().map([](const Source& found) { return found.kind; });
}

std::string Credentials::fingerprint() {
  const auto found = token({Cancellation(), false});
  return found && *found ? sha256_hex((*found)->expose()) : "";
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
  vault.api_key_entry = auth::store_key("api-key", key_identity_of(settings_), {}, {});
  vault.tab_name = auth::store_key("tab", identity_of(settings_), {}, {});
  vault_ = std::move(vault);
  return &*vault_;
}

Result<std::optional<Secret>> Credentials::stored_api_key() {
  const auto found = vault();
  if (!found) return tl::make_unexpected(found.error());
  return (*found)->keychain->read((*found)->api_key_entry).map_error([this](Error error) {
    // What the keychain says of itself is about a sign-in.
    if (error.code == ErrorCode::keychain_damaged)
      error.remedy = "Keep a key anew with " + login_command(settings_) + ".";
    return error;
  });
}

Result<std::optional<Secret>> Credentials::api_key() {
  if (!settings_.api_key) return stored_api_key().map_error(with_way_out);
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

Result<Credentials::Source> Credentials::source() {
  std::lock_guard lock(source_mutex_);
  if (given_) return Source{given_kind_, given_.get()};
  const bool as_before = signed_in_ || std::chrono::steady_clock::now() < look_again_at_;
  if (session_ && as_before) return Source{Kind::sign_in, session_.get()};
  auto use = [this](Kind kind, std::unique_ptr<auth::TokenSource> given) {
    given_kind_ = kind;
    given_ = std::move(given);
    return Source{kind, given_.get()};
  };
  if (settings_.headers.get("Authorization"))
    return use(Kind::own_header, std::make_unique<auth::OwnHeaderSource>());
  const auto key = api_key();
  look_again_at_ = std::chrono::steady_clock::now() + look_again_after;
  if (key && *key) {
    if (settings_.api_key) {
      return use(Kind::environment_key,
                 std::make_unique<auth::ApiKeySource>(**key, "set CLICKFLOW_API_KEY to it"));
    }
    return use(Kind::stored_key,
               std::make_unique<auth::ApiKeySource>(**key, "keep it with " + login_command(settings_)));
  }
  // A keychain that can't be read may hold a key; but a server that wants none must still be served.
  if (!key && settings_.api_key) return tl::make_unexpected(key.error());
  if (!session_) {
    if (const auto made = make_session(); !made) return tl::make_unexpected(made.error());
  }
  return Source{Kind::sign_in, session_.get()};
}

Result<void> Credentials::make_session() {
  const auto found = vault();
  if (!found) return tl::make_unexpected(found.error());
  browser_ = auth::make_system_browser();
  auth::BrowserSignIn::Settings how;
  how.callback_port = settings_.callback_port;
  how.patience = settings_.sign_in_patience;
  how.surroundings = auth::look_around();
  auth::OneTab tabs((*found)->folder, (*found)->tab_name);
  sign_in_ = std::make_unique<auth::BrowserSignIn>(sign_in_context(**found), *browser_, std::move(tabs), how);
  session_ = std::make_unique<auth::OAuthSession>(settings_.endpoint, http_, *(*found)->sessions, *sign_in_,
                                                  system_clock());
  return {};
}

}  // namespace clickflow::cli
