#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "clickflow/auth/browser.h"
#include "clickflow/auth/browser_sign_in.h"
#include "clickflow/auth/oauth_session.h"
#include "clickflow/auth/session_store.h"
#include "clickflow/auth/token_source.h"
#include "clickflow/bridge/catalog.h"
#include "clickflow/cli/options.h"
#include "clickflow/keychain/secret_store.h"

namespace clickflow::cli {

/// Who we are, as the settings and the keychain have it, the first of these that there is: a credential of
/// the person's own in --header, the API key of the environment, the API key in the keychain, a sign-in.
/// Nothing is opened before the first use. While nobody is signed in, a key that comes into the keychain, or
/// that can be read at last, is noticed within 2 s.
class Credentials : public auth::TokenSource {
 public:
  enum class Kind { own_header, environment_key, stored_key, sign_in };

  /// `http` outlives this object.
  Credentials(const Settings& settings, http::Client& http, bool may_prompt);

  Result<std::optional<Secret>> token(const auth::Occasion& occasion) override;
  Result<void> renew(const auth::Refusal& refusal, const std::optional<Secret>& used,
                     const auth::Occasion& occasion) override;

  /// Fails where the keychain does.
  Result<Kind> kind();
  /// Of the sign-in's token, or of the key; empty where there is neither. Asks the keychain.
  std::string fingerprint();

  /// What the commands about signing in work with. Fails with `system` where the user has no home.
  struct Vault {
    std::unique_ptr<keychain::SecretStore> keychain;
    std::unique_ptr<auth::SessionStore> sessions;
    std::string api_key_entry;
    std::string tab_name;
    std::filesystem::path folder;
  };
  Result<Vault*> vault();
  Result<std::optional<Secret>> stored_api_key();
  /// The environment's or the keychain's. What fails comes with what else can be done.
  Result<std::optional<Secret>> api_key();
  auth::SignInContext sign_in_context(Vault& vault);

  /// Whose catalog of the server it is, as far as that can be said without the keychain.
  bridge::Catalog::Key catalog_key() const;
  /// To be called whenever who is signed in, or the stored key, has changed or is about to. Drops what the
  /// profile's catalogs hold. Any thread.
  void identity_changed();
  /// Does that instead. Set before the first use; may be called for as long as this object lives.
  void on_identity_change(std::function<void()> forget) { forget_ = std::move(forget); }

 private:
  struct Source {
    Kind kind;
    auth::TokenSource* tokens;  // for as long as this object lives
  };
  Result<Source> source();
  Result<void> make_session();

  const Settings& settings_;
  http::Client& http_;
  const bool may_prompt_;
  std::function<void()> forget_;
  std::mutex mutex_;
  // Each of these uses those before it.
  std::optional<Vault> vault_;
  std::unique_ptr<auth::Browser> browser_;
  std::unique_ptr<auth::BrowserSignIn> sign_in_;
  std::unique_ptr<auth::OAuthSession> session_;

  std::mutex source_mutex_;                   // before mutex_
  std::unique_ptr<auth::TokenSource> given_;  // a key or a header; there is no other way from then on
  Kind given_kind_{};
  std::chrono::steady_clock::time_point look_again_at_;
  std::atomic<bool> signed_in_ = false;  // when the session was last asked
};

}  // namespace clickflow::cli
