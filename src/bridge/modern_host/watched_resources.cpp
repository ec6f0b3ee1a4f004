#include "watched_resources.h"

#include "clickflow/base/at_end.h"

namespace clickflow::bridge::modern_host {

bool WatchedResources::watch(const std::string& uri, const Tell& tell, const Cancellation& cancellation) {
  const Wake wake(cancellation, mutex_, changed_);
  std::unique_lock lock(mutex_);
  changed_.wait(
      lock, [&] { return !watched_.contains(uri) || !watched_[uri].telling || cancellation.cancelled(); });
  if (cancellation.cancelled()) return false;
  if (watched_.contains(uri)) {
    ++watched_[uri].users;
    return true;
  }
  watched_[uri].telling = true;
  lock.unlock();
  bool subscribed = false;
  const AtEnd told([&] {
    lock.lock();
    if (subscribed) {
      watched_[uri] = {1, false};
    } else {
      watched_.erase(uri);
    }
    changed_.notify_all();
  });
  subscribed = tell("resources/subscribe", uri).has_value();
  return subscribed;
}

void WatchedResources::release(const std::string& uri, const Tell& tell) {
  std::unique_lock lock(mutex_);
  auto& watched = watched_[uri];
  if (--watched.users > 0) return;
  watched.telling = true;
  lock.unlock();
  const AtEnd told([&] {
    lock.lock();
    watched_.erase(uri);
    changed_.notify_all();
  });
  (void)tell("resources/unsubscribe", uri);
}

}  // namespace clickflow::bridge::modern_host
