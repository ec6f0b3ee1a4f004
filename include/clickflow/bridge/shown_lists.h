#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/mcp/lists.h"

namespace clickflow::bridge {

/// What the host has been given when it asked for lists, so that it is told of a change only where there is
/// one. Any thread.
class ShownLists {
 public:
  /// The host is about to be given the server's own answer, for as long as this lives.
  class Asking {
   public:
    Asking(ShownLists& shown, mcp::List list);
    ~Asking();
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

   private:
    ShownLists& shown_;
    const mcp::List list_;
  };
  bool is_asking(mcp::List list) const;
  /// The host has been given something else than the server's own answer.
  bool is_provisional(mcp::List list) const;
  /// The host has been given an error, or the tool that signs in.
  bool is_refused(mcp::List list) const;

  void was_kept(mcp::List list, std::string_view result);  ///< from the catalog
  void was_live(mcp::List list);                           ///< from the server
  void was_refused(mcp::List list);                        ///< an error, or the tool that signs in

  /// True if the host should ask again, now that the server has given `result`; once. A host that was told
  /// nothing of the server at the beginning (`knew_nothing`) and has not asked yet may wait to be told that
  /// there is something.
  bool is_outdated(mcp::List list, std::string_view result, bool knew_nothing);
  /// The same where the server may give another one than before: true unless the host is about to ask anyway.
  bool is_outdated(mcp::List list);

 private:
  enum class What { nothing, kept, live, refused, outdated };
  struct Shown {
    What what = What::nothing;
    std::string elements;  // of what was kept
    int asking = 0;
  };
  void set(mcp::List list, What what, std::string_view elements = {});

  mutable std::mutex mutex_;
  std::array<Shown, mcp::lists.size()> shown_;
};

}  // namespace clickflow::bridge
