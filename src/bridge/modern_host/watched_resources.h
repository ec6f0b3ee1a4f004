#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "clickflow/base/cancellation.h"
#include "clickflow/base/error.h"

namespace clickflow::bridge::modern_host {

/// The resources that a session is subscribed to, for however many subscriptions want each. Any thread.
class WatchedResources {
 public:
  /// Tells the server; fails if it refused or was not reached. `method` is resources/subscribe or
  /// resources/unsubscribe, `uri` a JSON string.
  using Tell = std::function<Result<void>(std::string_view method, const std::string& uri)>;

  /// True if the session is subscribed to it by then: one release() is owed. Waits for another's `tell`
  /// until it is cancelled.
  bool watch(const std::string& uri, const Tell& tell, const Cancellation& cancellation);
  void release(const std::string& uri, const Tell& tell);

 private:
  struct Watched {
    int users = 0;
    bool telling = false;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Watched> watched_;
};

}  // namespace clickflow::bridge::modern_host
