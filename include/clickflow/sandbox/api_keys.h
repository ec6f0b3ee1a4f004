#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/base/error.h"
#include "clickflow/base/secret.h"
#include "clickflow/mcp/scope.h"
#include "clickflow/sandbox/time.h"

namespace clickflow::sandbox {

/// What is kept of a key: everything but the key.
struct ApiKey {
  std::string id;     ///< key_…
  std::string name;   ///< for people
  std::string start;  ///< the key's first characters, so that its owner knows it again
  std::string sha256;
  std::string organization;
  std::vector<mcp::Scope> scopes;
  Time created;
  std::optional<Time> expires;
  std::optional<Time> revoked;
  std::optional<Time> last_used;

  /// `active`, `revoked` or `expired`, as the document names them.
  std::string status(Time now) const;
};

struct NewApiKey {
  std::string name;
  std::string organization;
  std::vector<mcp::Scope> scopes;
  std::optional<Time> expires;
};

struct MadeApiKey {
  ApiKey key;
  Secret secret;  ///< `cf_ak_…`. This is the only place where it is ever seen.
};

/// The API keys, in a JSON file with mode 0600 that several processes may use at a time: a change is made
/// under a lock, and a change by another is seen at the next call. Any thread may call anything.
class ApiKeys {
 public:
  ApiKeys(std::filesystem::path file, Clock clock);
  ~ApiKeys();

  /// Everything here fails with `invalid_input` where the file is damaged, `timed_out` where another process
  /// holds the lock for more than 2 s, and `system` where the file can't be read or written.
  Result<MadeApiKey> create(const NewApiKey& wanted);
  Result<std::vector<ApiKey>> list();
  /// `invalid_input` where there is no such key. A key that is revoked already stays as it is.
  Result<ApiKey> revoke(std::string_view id);

  /// The active key whose text this is, and notes that it was used now. Nothing for any other text. While the
  /// file can't be read, what was read last counts.
  std::optional<ApiKey> authenticate(std::string_view text);

  /// Writes when keys were last used, if that changed since the last time. authenticate() never writes, since
  /// that would sync a disk for each call; so whoever calls it also calls this, now and then and at the end.
  Result<void> flush();

 private:
  Result<void> reload();
  Result<void> write();
  template <class Change>
  Result<void> change(Change change);

  const std::unique_ptr<class SharedJsonFile> file_;
  const Clock clock_;
  std::mutex mutex_;
  std::vector<ApiKey> keys_;
  std::map<std::string, Time> used_;  // by id; not in the file yet
};

}  // namespace clickflow::sandbox
