#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "legacy_session.h"

namespace clickflow::bridge::modern_host {

/// The host's requests in flight, and under which id the server knows each. Any thread.
class RequestsInFlight {
  struct State {
    std::shared_ptr<LegacySession> session;
    std::string remote_id;
    bool cancelled = false;
    bool told = false;
  };

 public:
  /// A request, for as long as this object lives.
  class Entry {
   public:
    /// `id` is the host's, as JSON.
    Entry(RequestsInFlight& all, std::string_view id);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    /// Before it is sent, or gone on with: from now on the server hears of a cancellation. False if the host
    /// has cancelled it already.
    bool sending(std::shared_ptr<LegacySession> session, std::string remote_id);
    /// The request was cancelled: tells the server, if it knows of it and has not heard.
    void cancelled();

   private:
    RequestsInFlight& all_;
    const std::string key_;
    const std::shared_ptr<State> state_ = std::make_shared<State>();
  };

  /// The host's notifications/cancelled.
  void cancel(const mcp::Message& notification);

 private:
  void tell(State& state, std::string_view params);

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<State>> states_;
};

}  // namespace clickflow::bridge::modern_host
