#include "watched_resources.h"

namespace clickflow::bridge::modern_host {

bool WatchedResources::watch(const std::string& uri, const Tell& tell) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !watched_.contains(uri) || !watched_[uri].telling; });
  if (watched_.contains(uri)) {
    ++watched_[uri].users;
    return true;
  }
  watched_[uri].telling = true;
  lock.unlock();
  const bool subscribed = tell("resources/subscribe", uri);
  lock.lock();
  if (subscribed) {
    watched_[uri] = {1, false};
  } else {
    watched_.erase(uri);
  }
  changed_.notify_all();
  return subscribed;
}

void WatchedResources::release(const std::string& uri, const Tell& tell) {
  std::unique_lock lock(mutex_);
  auto& watched = watched_[uri];
  if (--watched.users > 0) return;
  watched.telling = true;
  lock.unlock();
  tell("resources/unsubscribe", uri);
  lock.lock();
  watched_.erase(uri);
  changed_.notify_all();
}

}  // namespace clickflow::bridge::modern_host
