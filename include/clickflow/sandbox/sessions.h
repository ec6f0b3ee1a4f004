#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "clickflow/base/cancellation.h"
#include "clickflow/sandbox/event_stream.h"

namespace clickflow::sandbox {

/// What an MCP session remembers (2025-11-25, transports, "Session Management"). Any thread may call
/// anything.
class Session {
 public:
  Session(std::string id, std::string caller, std::string version);

  const std::string id;       ///< unguessable
  const std::string caller;   ///< the credential that made it; no other may use it
  const std::string version;  ///< as negotiated

  /// Where the client switched to; empty until it does.
  std::string organization() const;
  void switch_to(const std::string& organization);

  /// A stream for the answer to one call.
  std::shared_ptr<EventStream> open_stream();
  /// A connection for what the server says of its own accord. The newest one gets it.
  std::shared_ptr<EventReader> listen();
  /// Null where the event is unknown or its stream has been dropped: kept are the newest listener's and
  /// the newest of the others, 256 in all.
  std::shared_ptr<EventReader> resume(std::string_view last_event_id);
  /// To the newest listener; kept for it if there is none yet.
  void notify(std::string message);

  /// False where a call with this id (as JSON text) runs already, or the session has ended.
  bool begin_call(const std::string& request_id, const Cancellation& cancellation);
  void end_call(const std::string& request_id);
  void cancel_call(const std::string& request_id);

  /// Cancels the calls and closes the streams.
  void end();

 private:
  std::shared_ptr<EventStream> add_stream();

  mutable std::mutex mutex_;
  bool ended_ = false;
  std::string organization_;
  int last_stream_ = 0;
  std::map<int, std::shared_ptr<EventStream>> streams_;
  std::shared_ptr<EventStream> announcements_;
  std::map<std::string, Cancellation> calls_;
};

/// At most 256 of them; then the one that was not used for the longest time ends. Any thread may call
/// anything.
class Sessions {
 public:
  std::shared_ptr<Session> begin(const std::string& caller, const std::string& version);
  /// Null where there is none, or it is another caller's.
  std::shared_ptr<Session> find(const std::string& id, const std::string& caller);
  void end(const std::string& id);
  void end_all();

 private:
  struct Entry {
    std::shared_ptr<Session> session;
    std::chrono::steady_clock::time_point used;
  };
  std::mutex mutex_;
  std::map<std::string, Entry> sessions_;
};

}  // namespace clickflow::sandbox
