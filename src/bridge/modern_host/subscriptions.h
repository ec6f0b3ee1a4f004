#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "clickflow/base/cancellation.h"
#include "host_request.h"
#include "watched_resources.h"

namespace clickflow::bridge::modern_host {

/// What a host subscribes to, or what of it a server will tell (2026-07-28, "Subscriptions").
struct ChangeFilter {
  bool tools = false;
  bool prompts = false;
  bool resources = false;
  std::vector<std::string> uris;  ///< JSON strings, none twice

  /// `filter` is the `notifications` object.
  static ChangeFilter of(std::string_view filter);
  /// What of it a server with these capabilities (JSON) tells.
  ChangeFilter offered_by(std::string_view capabilities) const;
  bool takes(const mcp::Message& change) const;
  std::string text() const;
};

/// The `subscriptions/listen` requests of one session. Any thread.
class Subscriptions {
 public:
  /// Blocks until the request is cancelled, or until `closing`, which ends it with a result. `tell` is for
  /// the resources.
  Result<void> serve(const HostRequest& host, std::string_view capabilities, const Cancellation& closing,
                     const WatchedResources::Tell& tell);

  /// The server has said that something changed. Never waits.
  void on_change(const mcp::Message& change);

 private:
  struct Subscription {
    ChangeFilter filter;
    std::deque<std::string> changes;  // that the host does not know of yet, none twice
  };
  void watch(Subscription& subscription, const std::vector<std::string>& uris,
             const WatchedResources::Tell& tell, const Cancellation& cancellation);
  void deliver(Subscription& subscription, const HostRequest& host, const Cancellation& closing);

  WatchedResources resources_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Subscription*> subscriptions_;
};

}  // namespace clickflow::bridge::modern_host
