#pragma once

#include <mutex>
#include <string>

#include "clickflow/bridge/change_streams.h"
#include "clickflow/bridge/host_questions.h"
#include "clickflow/mcp/server_description.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// A remote that speaks legacy toward the host, on one that speaks modern toward the server:
///
/// - `initialize` is answered from `server/discover`; every request gets the `_meta` that a modern server
/// needs;
/// - what a server asks for in an `input_required` result is asked of the host in requests, and the host's
/// request
///   goes out again with the answers, until the server is content;
/// - `subscriptions/listen` streams become `list_changed` and `resources/updated`;
/// - the level of `logging/setLevel` goes with every later request.
///
/// Any thread.
class LegacyHostTranslator : public remote::Remote {
 public:
  /// `modern` outlives this object.
  explicit LegacyHostTranslator(remote::Remote& modern);

  /// What the server has just said of itself (a DiscoverResult, as JSON) answers the next `initialize`.
  void discovered(std::string discovery);

  Result<void> send(const mcp::Message& message, remote::Receiver& receiver,
                    const auth::Occasion& occasion) override;
  void listen(remote::Receiver& receiver, const Cancellation& cancellation) override;
  void close(std::chrono::milliseconds limit) override { modern_.close(limit); }

  /// The `_meta` of what is sent for a host that declared this in its `initialize` (its params, as JSON).
  static std::string meta_for(std::string_view initialize_params);

 private:
  struct Conversation;

  Result<void> initialize(const mcp::Message& request, remote::Receiver& receiver,
                          const auth::Occasion& occasion);
  Result<void> carry(const mcp::Message& request, remote::Receiver& receiver, const auth::Occasion& occasion);
  Result<mcp::Message> next_request(Conversation& conversation, const mcp::Message& asked,
                                    remote::Receiver& receiver, const auth::Occasion& occasion);
  Result<std::string> answers_to(const std::vector<mcp::InputRequest>& questions, Conversation& conversation,
                                 remote::Receiver& receiver, const auth::Occasion& occasion);
  std::string meta() const;
  std::string capabilities() const;
  std::string own_id(std::string_view purpose);

  remote::Remote& modern_;
  HostQuestions questions_;
  ChangeStreams changes_;
  mutable std::mutex mutex_;
  std::string meta_;  // without the level
  std::string log_level_;
  std::string discovery_;
  mcp::ServerDescription server_;
  unsigned ids_ = 0;
};

}  // namespace clickflow::bridge
