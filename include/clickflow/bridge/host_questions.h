#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "clickflow/mcp/input_request.h"
#include "clickflow/remote/remote.h"

namespace clickflow::bridge {

/// Asks a legacy host what a modern server wants to know: as requests, whose answers come back as responses.
/// Any thread.
class HostQuestions {
 public:
  /// `limit` is how long a person may take for an answer.
  explicit HostQuestions(std::chrono::milliseconds limit) : limit_(limit) {}

  /// Asks all of them at once, through `host`, and blocks until all are answered. The answers are results, as
  /// JSON, in the order of the questions. Fails as soon as the host refuses one that has no answer for that
  /// (`rejected`; an elicitation has: it counts as cancelled), and with `timed_out` and `cancelled`; what is
  /// open then is taken back.
  Result<std::vector<std::string>> ask(const std::vector<mcp::InputRequest>& questions,
                                       remote::Receiver& host, const Cancellation& cancellation);

  /// A response of the host's. False if it answers no question of ours.
  bool answer(const mcp::Message& response);

 private:
  struct Open {
    std::optional<std::string> result;
    std::optional<std::string> error;
  };
  Result<std::vector<std::string>> collect(const std::vector<mcp::InputRequest>& questions,
                                           const std::vector<std::string>& ids,
                                           const Cancellation& cancellation);

  const std::chrono::milliseconds limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Open> open_;  // by id
  unsigned asked_ = 0;
};

}  // namespace clickflow::bridge
