#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "clickflow/sandbox/event_stream.h"

namespace clickflow::sandbox {

/// The streams of `subscriptions/listen` (2026-07-28, "Subscriptions"). A subscription lives as long as its
/// reader, 64 at a time. Any thread may call anything.
class Subscriptions {
 public:
  struct Wanted {
    std::string id;      ///< of the request, as JSON
    std::string caller;  ///< whose credential it came with
    bool tools = false;  ///< when the list of tools changes
    /// The request names its organization itself, so that no switch changes what it would see.
    bool keeps_organization = false;
  };

  /// The stream, on which the acknowledgement is waiting. Null where there are too many, and after stop().
  std::shared_ptr<EventReader> open(const Wanted& wanted);

  /// The caller has switched to an organization with other tools.
  void tools_changed(const std::string& caller);

  /// Ends all, each with its result.
  void stop();

 private:
  struct Subscription {
    Wanted wanted;
    std::weak_ptr<EventStream> stream;
  };

  std::mutex mutex_;
  bool stopped_ = false;
  std::vector<Subscription> subscriptions_;
};

}  // namespace clickflow::sandbox
