#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "clickflow/remote/authorized_client.h"
#include "clickflow/remote/host_state.h"
#include "clickflow/remote/one_at_a_time.h"
#include "clickflow/remote/remote.h"
#include "clickflow/remote/streamable_http_settings.h"

namespace clickflow::remote {

/// Streamable HTTP of 2025-03-26, 2025-06-18 and 2025-11-25 ("Transports"). It keeps the session: the id that
/// the server gave, the version that was agreed, and the host's own handshake, which is played again when the
/// server has lost the session (404), however many calls find that out at once, with the subscriptions and
/// the log level that the host had set. No call goes out in a session that does not work where the last
/// switch led: that is made there first, and where it fails, the call does.
class SessionHttp : public Remote {
 public:
  /// `http` outlives this object.
  SessionHttp(AuthorizedClient& http, StreamableHttpSettings settings);
  ~SessionHttp() override;

  Result<void> send(const mcp::Message& message, Receiver& receiver, const auth::Occasion& occasion) override;
  void listen(Receiver& receiver, const Cancellation& cancellation) override;
  void await_stream() override;
  void close(std::chrono::milliseconds limit) override;

 private:
  struct Session {
    std::string id;       ///< empty where the server gave none
    std::string version;  ///< empty before the handshake
    unsigned generation = 0;
    unsigned switched = 0;      ///< the number of the switch that is in force in it
    unsigned not_switched = 0;  ///< of the one that it has not taken
  };

  Session session() const;
  Result<Session> session_for(const mcp::Message& message, const auth::Occasion& occasion);
  void adopt(const http::ResponseHead& head, const mcp::Message& answer);
  HostState host() const;
  http::Request make_request(std::string method, const Session& session) const;
  http::Request make_post(const mcp::Message& message, const Session& session) const;
  static void name_session(http::Request& request, const Session& session);
  Result<void> send_request(const mcp::Message& message, Receiver& receiver, const auth::Occasion& occasion);
  Result<void> send_switch(const mcp::Message& message, Receiver& receiver, const auth::Occasion& occasion);
  Result<void> send_other(const mcp::Message& message, const auth::Occasion& occasion);
  Result<void> resume(class Reply& reply, const Session& session, const auth::Occasion& occasion,
                      std::chrono::steady_clock::time_point deadline);
  Result<void> replay_handshake(const Session& lost, const auth::Occasion& occasion);
  Result<void> make_session_anew(const auth::Occasion& occasion);
  unsigned count_switching();
  Result<bool> switch_again(const Session& session, const auth::Occasion& occasion);
  void set_again(const std::vector<mcp::Message>& requests, const auth::Occasion& occasion);

  AuthorizedClient& http_;
  const StreamableHttpSettings settings_;

  mutable std::mutex mutex_;
  Session session_;
  unsigned switchings_ = 0;          // how often a switch has begun or ended, or the session been made
  HostState host_;                   // to be played again
  std::condition_variable changed_;  // the session, or the server's stream
  bool listening_ = false;
  unsigned stream_generation_ = 0;  // of the session that the stream was last opened in

  const std::shared_ptr<class Rests> rests_;  // of the listener

  OneAtATime switching_, replaying_;  // before mutex_
};

}  // namespace clickflow::remote
