#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/auth/oauth_client.h"
#include "clickflow/auth/tokens.h"
#include "clickflow/base/cancellation.h"
#include "clickflow/base/file.h"
#include "clickflow/keychain/secret_store.h"

namespace clickflow::auth {

/// Whose sign-in it is, and to what: nothing is ever shared between two of these.
struct SessionIdentity {
  std::string profile;
  std::string endpoint;      ///< the MCP endpoint's URL
  std::string organization;  ///< empty for the account's default
  /// What makes a command about this one, as in " --profile work". For advice only: no key depends on it.
  std::string options = {};

  /// "`clickflow-mcp login --profile work`", of "login".
  std::string command(std::string_view name) const;
};

/// The key of a keychain entry: its kind, and a digest of all that it is bound to.
std::string store_key(std::string_view kind, const SessionIdentity& identity, std::string_view issuer,
                      std::string_view resource);

/// What the keychain holds for one identity: the tokens and the registration, each under a key of its own for
/// every issuer and resource, and a note of which issuer and resource the identity is signed in to now, or
/// was last about to be. Without the note every start would have to ask the network first.
///
/// Fails with the keychain's errors, and with `keychain_damaged` for an entry that can't be read. Any thread;
/// whoever writes or removes tokens holds the lock.
class SessionStore {
 public:
  /// `keychain` must outlive this. Locks are files in `lock_folder`.
  SessionStore(keychain::SecretStore& keychain, SessionIdentity identity, std::filesystem::path lock_folder);

  const SessionIdentity& identity() const { return identity_; }

  /// Longer than any holder takes: a renewal tries for 15 s, and may then wait 50 s for one last answer.
  static constexpr auto lock_limit = std::chrono::seconds(90);
  /// For this identity, among all threads and processes of the user. Fails with `timed_out` or `cancelled`.
  Result<FileLock> lock(const Cancellation& cancellation, std::chrono::milliseconds limit = lock_limit) const;

  Result<std::optional<Tokens>> load();
  /// Also makes theirs the issuer and resource that the identity is signed in to, and forgets those before.
  Result<void> save(const Tokens& tokens);
  Result<void> remove_tokens(const Tokens& tokens);

  Result<std::optional<OAuthClient>> load_client(std::string_view issuer, std::string_view resource);
  /// Where there is no note yet, makes one, so that forget() finds the client of a sign-in that never ended.
  Result<void> save_client(const OAuthClient& client, std::string_view resource);
  Result<void> remove_client(std::string_view issuer, std::string_view resource);

  struct Binding {
    std::string issuer;
    std::string resource;
    std::string pre_registered_client;  ///< the id, where the person had brought one

    bool operator==(const Binding&) const = default;
  };
  Result<std::optional<Binding>> binding();
  Result<void> bind(const Binding& binding);

  /// Everything of this identity.
  Result<void> forget();

 private:
  Result<void> forget(const Binding& binding);

  keychain::SecretStore& keychain_;
  const SessionIdentity identity_;
  const std::filesystem::path lock_path_;
  const std::string binding_key_;
};

}  // namespace clickflow::auth
