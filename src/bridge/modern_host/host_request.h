#pragma once

#include <optional>
#include <string>

#include "clickflow/mcp/message.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge::modern_host {

/// A request of the host's while send() has it.
class HostRequest {
 public:
  /// All outlive this object.
  HostRequest(const mcp::Message& request, remote::Receiver& receiver, const auth::Occasion& occasion);

  const mcp::Message& request() const { return request_; }
  const auth::Occasion& occasion() const { return occasion_; }
  const std::string& capabilities() const { return capabilities_; }  ///< JSON
  std::optional<int> log_rank() const { return log_rank_; }          ///< nothing where it wants no log
  const std::string& progress_token() const { return progress_token_; }

  void result(std::string_view result) const;
  void error(mcp::ErrorNumber code, std::string_view what, std::string_view data = {}) const;
  void respond(const mcp::Message& legacy_response) const;
  /// Gives on what the server says on the way: progress under this request's token, the log where it was
  /// asked for. In the thread of the send().
  void pass(mcp::Message notification) const;

 private:
  const mcp::Message& request_;
  remote::Receiver& receiver_;
  const auth::Occasion& occasion_;
  const std::string capabilities_;
  const std::optional<int> log_rank_;
  const std::string progress_token_;
};

}  // namespace clickflow::bridge::modern_host
