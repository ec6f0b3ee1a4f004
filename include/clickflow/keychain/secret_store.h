#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "clickflow/base/error.h"
#include "clickflow/base/secret.h"

namespace clickflow::keychain {

/// Where credentials rest between runs: the operating system's keychain, or files for a machine that has
/// none. An entry is found by its key, 1 to 255 printable ASCII characters, under the service name
/// "clickflow-mcp".
///
/// Any thread may call; calls go one after another. Each returns within the limit of the Settings, whatever
/// the keychain does. Failures:
///   keychain_locked      closed, and nobody may be asked, or the person was asked and did not open it
///   keychain_absent      no keychain service, or not in this kind of session
///   keychain_no_bus      no D-Bus session bus to reach it by (Secret Service only)
///   keychain_refused     it is there, and says no
///   keychain_damaged     the entry is there, and is not what was written
///   timed_out            no answer within the limit; a write or removal may still happen
///   invalid_input        a key or a value that can't be stored
///   system               anything else
class SecretStore {
 public:
  virtual ~SecretStore() = default;

  /// Nothing where there is no such entry, which is no error.
  virtual Result<std::optional<Secret>> read(const std::string& key) = 0;

  /// Makes the entry or replaces it, at once or not at all. At most `max_secret_size` bytes.
  virtual Result<void> write(const std::string& key, const Secret& secret) = 0;

  /// Whether there was one.
  virtual Result<bool> remove(const std::string& key) = 0;

  /// Names the keychain within a sentence: "the macOS Keychain".
  virtual std::string description() const = 0;
};

inline constexpr const char* service_name = "clickflow-mcp";
inline constexpr size_t max_secret_size = 64 * 1024;

/// A keychain in use answers in milliseconds; one that the call has to start may take a second or two.
inline constexpr std::chrono::milliseconds unattended_limit = std::chrono::seconds(5);
/// Long enough for a person to find and type a password.
inline constexpr std::chrono::milliseconds attended_limit = std::chrono::minutes(2);

struct Settings {
  enum class Kind { system, file };
  Kind kind = Kind::system;
  /// A person is waiting at this program, so the keychain may ask them to unlock it. Never in the bridge.
  bool may_prompt = false;
  /// For each call. By default unattended_limit, or attended_limit with may_prompt.
  std::optional<std::chrono::milliseconds> limit;
  /// For Kind::file; by default "tokens" in paths::state().
  std::optional<std::filesystem::path> folder;
};

/// Opens nothing yet: the first call does. `file` is only ever used when asked for, and says in the log
/// (once) that tokens lie in files. Fails only for `file`, with `system`, where the user's folders can't be
/// told.
Result<std::unique_ptr<SecretStore>> make_secret_store(const Settings& settings);

}  // namespace clickflow::keychain
