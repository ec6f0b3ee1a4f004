#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace clickflow::bridge::modern_host {

/// The resources that a session is subscribed to, for however many subscriptions want each. Any thread.
class WatchedResources {
 public:
  /// Tells the server; false if it refused or was not reached. `method` is resources/subscribe or
  /// resources/unsubscribe, `uri` a JSON string.
  using Tell = std::function<bool(std::string_view method, const std::string& uri)>;

  /// True if the session is subscribed to it by then: one release() is owed. `tell` has a limit, and so has
  /// whoever waits for another's to end.
  bool watch(const std::string& uri, const Tell& tell);
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
