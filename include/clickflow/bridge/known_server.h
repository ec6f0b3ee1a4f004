#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "clickflow/base/clock.h"
#include "clickflow/bridge/catalog.h"

namespace clickflow::bridge {

/// What is known of the server: what an earlier process has kept, and what it has said to this one. Any
/// thread.
class KnownServer {
 public:
  /// Without a catalog nothing is kept. `clock` outlives this object.
  KnownServer(std::unique_ptr<Catalog> catalog, const Clock& clock);

  /// The server's era, as far as it is known.
  std::optional<mcp::Era> era() const;

  struct Description {
    mcp::ServerDescription server;
    bool translated = false;  ///< the server speaks another era than the host that it is for
    bool heard = false;       ///< in this process
    long long rest_ms = 0;    ///< for how long the server said that it is fresh
  };
  std::optional<Description> description(mcp::Era host) const;
  /// What it answered to a host that asked for that revision; empty where that is not known.
  std::string revision_for(const std::string& asked) const;

  /// A result; nothing where it is not known.
  std::optional<std::string> list(mcp::List list) const;
  /// This process has heard it, and the server has not told of a change since.
  bool has_heard(mcp::List list) const;
  struct Fresh {
    std::string result;
    long long rest_ms = 0;
  };
  /// A list that the server gave to a host of that era, while it says that it need not be asked again.
  std::optional<Fresh> fresh(mcp::List list, mcp::Era host) const;

  /// The sign-in's, counted: what was learnt under another one is not known any more.
  unsigned edition() const;

  /// To be taken before the server is asked, so that an answer that was overtaken counts for nothing.
  struct Stamp {
    unsigned edition = 0;
    unsigned changes = 0;
  };
  Stamp stamp(mcp::List list) const;
  void learn(mcp::List list, mcp::Era host, std::string_view result, Stamp stamp);
  void learn(mcp::Era host, mcp::Era server, std::string_view description_result, unsigned edition);
  void learn_revision(const std::string& asked, const std::string& revision, unsigned edition);

  /// The server has told that a list is another one now.
  void changed(mcp::List list);
  /// Somebody else may be signed in now: nothing is known any more but the server's era, and nothing on disk.
  void forget();
  /// Writes what is new to the catalog.
  void save();

 private:
  const std::unique_ptr<Catalog> catalog_;
  const Clock& clock_;
  std::mutex saving_;  // while the catalog is written; before mutex_
  mutable std::mutex mutex_;
  ServerRecord record_;
  std::optional<mcp::Era> era_;
  std::set<mcp::Era> described_;         // in this process
  std::map<mcp::List, mcp::Era> heard_;  // in this process, and the era of the host that it was for
  std::array<unsigned, mcp::lists.size()> changes_{};
  unsigned edition_ = 0;
  bool unsaved_ = false;
};

}  // namespace clickflow::bridge
