#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "clickflow/remote/authorized_client.h"
#include "clickflow/remote/one_at_a_time.h"
#include "clickflow/remote/remote.h"
#include "clickflow/remote/streamable_http_settings.h"

namespace clickflow::remote {

/// Streamable HTTP of 2026-07-28: every request stands for itself and says in its `_meta` what a session said
/// before. There is no session, no stream that the server opens, and nothing to resume.
class StatelessHttp : public Remote {
 public:
  /// `http` outlives this object.
  StatelessHttp(AuthorizedClient& http, StreamableHttpSettings settings);
  ~StatelessHttp() override;

  /// A request's `_meta` is complete. What its headers must mirror is mirrored, for which the server may be
  /// asked for its tools first; tools whose annotations for that can't be followed are left out of its lists.
  /// A request of the server's is dropped, and so is, without I/O, what is no request of ours: this revision
  /// has neither. Cancelling closes the stream, which is all that the server is told.
  ///
  /// `subscriptions/listen` lasts until it is cancelled or the server ends it. Where its stream breaks, or
  /// can't be had for now, it is asked for again, and the host is then told of every change that it may have
  /// missed.
  Result<void> send(const mcp::Message& message, Receiver& receiver, const auth::Occasion& occasion) override;
  /// Returns at once: nothing comes unasked.
  void listen(Receiver& receiver, const Cancellation& cancellation) override;
  /// Nothing to take leave of.
  void close(std::chrono::milliseconds limit) override;

 private:
  Result<void> send_request(const mcp::Message& request, Receiver& receiver, const auth::Occasion& occasion);
  Result<void> call_where_switched(const mcp::Message& request, Receiver& receiver,
                                   const auth::Occasion& occasion);
  Result<void> call_tool(const mcp::Message& request, Receiver& receiver, const auth::Occasion& occasion);
  Result<void> switch_again(const mcp::Message& call, const auth::Occasion& occasion);
  Result<void> list_tools(const mcp::Message& call, const auth::Occasion& occasion);
  Result<void> subscribe(const mcp::Message& request, Receiver& receiver, const auth::Occasion& occasion);
  http::Request make_post(const mcp::Message& request, const std::string& sent_as) const;
  std::string next_id(std::string_view purpose);

  AuthorizedClient& http_;
  const StreamableHttpSettings settings_;
  const std::unique_ptr<class ParameterHeaders> parameter_headers_;
  OneAtATime switching_;
  std::atomic<unsigned> switched_ = 0;        // the number of the last switch that this server has made
  const std::shared_ptr<class Rests> rests_;  // of the subscriptions
  std::atomic<unsigned> ids_ = 0;
};

}  // namespace clickflow::remote
