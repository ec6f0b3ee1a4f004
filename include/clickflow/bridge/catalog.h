#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/base/clock.h"
#include "clickflow/base/error.h"
#include "clickflow/mcp/lists.h"
#include "clickflow/mcp/revision.h"
#include "clickflow/mcp/server_description.h"

namespace clickflow::bridge {

/// A list as the server gave it.
struct ListRecord {
  std::string result;  ///< JSON, all pages in one
  TimePoint received;
  long long ttl_ms = 0;  ///< for how long the server said that it is fresh
};

/// A description as a host of some era was given it.
struct DescriptionRecord {
  mcp::ServerDescription server;
  TimePoint received;
  long long ttl_ms = 0;
};

/// What a server last said of itself.
struct ServerRecord {
  mcp::Era era = mcp::Era::legacy;  ///< of the server
  /// What it answered to the revision that a host asked for in a handshake.
  std::map<std::string, std::string> revisions;
  /// By the era of the host: on the way to the other one, what that can't use is left out.
  std::map<mcp::Era, DescriptionRecord> descriptions;
  std::map<mcp::List, ListRecord> lists;
};

/// Keeps a ServerRecord from one process to the next, in a file of its own for each key; nothing secret is in
/// it, and nothing but its name depends on the key. Several processes may use one file: each reads a whole
/// record, and the last one that writes wins. Any thread.
class Catalog {
 public:
  /// Whose view of which server it is: nothing is ever shared between two of these.
  struct Key {
    std::string profile;
    std::string endpoint;
    std::string organization;
    /// account_of_key(), or empty for a sign-in, whose account only the keychain knows. forget_profile()
    /// keeps accounts apart there.
    std::string account;
  };

  /// In the user's cache folder. Fails with `system` where the user has no home.
  static Result<std::filesystem::path> default_folder();
  static std::string account_of_key(std::string_view key);

  Catalog(std::filesystem::path folder, const Key& key);

  /// What is kept. A file that is damaged, too large, of another version or open to others is dropped, with a
  /// warning. Makes nothing on disk.
  std::optional<ServerRecord> load();

  /// Keeps it, unless the profile's sign-in has changed since load() or forget() was called: then it may be
  /// another account's. What can't be written is told in the log (debug).
  void store(const ServerRecord& record);

  /// To be called when the sign-in of this object's profile has changed: what is learnt from now on is kept.
  void forget();

  /// Removes what is kept for any key of that profile, and keeps running processes from bringing it back. To
  /// be called whenever its stored sign-in changes.
  static void forget_profile(const std::filesystem::path& folder, std::string_view profile);

 private:
  static std::string generation_of(const std::filesystem::path& folder, std::string_view profile);
  static std::string begin_generation(const std::filesystem::path& folder, std::string_view profile);

  const std::filesystem::path folder_;
  const std::string profile_;
  const std::filesystem::path file_;
  std::mutex mutex_;
  std::optional<std::string> generation_;  // of the profile, when it was last looked at
};

}  // namespace clickflow::bridge
