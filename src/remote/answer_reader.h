#pragma once

#include <functional>
#include <optional>
#include <string>

#include "clickflow/base/error.h"
#include "clickflow/http/client.h"
#include "clickflow/mcp/message.h"

namespace clickflow::remote {

/// Sorts what a server of 2026-07-28 says in the exchange of one request: what it must not say is dropped, or
/// is the exchange's failure.
class AnswerReader {
 public:
  using OnMessage = std::function<void(mcp::Message)>;

  /// `request` outlives this object; `sent_as` is the id (JSON) that it went out under. The answer is given
  /// once, under the request's own.
  AnswerReader(const mcp::Message& request, std::string sent_as, OnMessage on_notification,
               OnMessage on_answer);

  /// True when there is nothing more to wait for.
  bool take(const http::ResponseHead& head, mcp::Message said);

  bool answered() const { return answered_; }
  /// What was wrong with the answer, which was not given then.
  const std::optional<Error>& problem() const { return problem_; }

 private:
  const mcp::Message& request_;
  const std::string sent_as_;
  const OnMessage on_notification_;
  const OnMessage on_answer_;
  bool answered_ = false;
  std::optional<Error> problem_;
};

}  // namespace clickflow::remote
