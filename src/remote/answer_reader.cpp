#include "answer_reader.h"

#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/mcp/capabilities.h"
#include "clickflow/mcp/input_request.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"
#include "exchange.h"

namespace clickflow::remote {
namespace {

namespace json = mcp::json;

constexpr size_t longest_type = 100;

// 2026-07-28, "ResultType" and "Supported Requests" of "Multi Round-Trip Requests".
std::optional<Error> wrong_type(const mcp::Message& request, std::string_view result) {
  const auto type = json::member(result, "resultType");
  if (!type) return {};
  const std::string name = json::is_string(*type) ? json::decode(*type) : std::string(*type);
  const auto& method = request.method();
  if (name == "complete" || (name == "input_required" && mcp::may_ask_for_input(method))) return {};
  if (name == "task" && mcp::declares_tasks_extension(mcp::RequestMeta(request).client_capabilities))
    return {};
  return Error{ErrorCode::protocol,
               "The server answered with a result of type \"" + log::redact(name.substr(0, longest_type)) +
                   "\", which it must not give here.",
               "Tell whoever runs the server."};
}

}  // namespace

AnswerReader::AnswerReader(const mcp::Message& request, std::string sent_as, OnMessage on_notification,
                           OnMessage on_answer)
    : request_(request),
      sent_as_(std::move(sent_as)),
      on_notification_(std::move(on_notification)),
      on_answer_(std::move(on_answer)) {}

bool AnswerReader::take(const http::ResponseHead& head, mcp::Message said) {
  if (answered_ && said.is_response())
    log::warn("the server answered {} twice; the second answer is dropped", request_.method());
  if (answered_ || problem_) return true;
  if (said.is_request()) {
    log::warn("the server sent a request, {}, which it must not; it is dropped", log::redact(said.method()));
    return false;
  }
  if (!said.is_response()) {
    on_notification_(std::move(said));
    return false;
  }
  const bool ok = head.status >= 200 && head.status < 300;
  // The body of a refusal is about the request that was refused, whatever it says. A result is none.
  if (!ok && said.error().empty()) return false;
  if (!ok) said = mcp::Message::of(mcp::make_error_of(sent_as_, said.error()));
  auto answer = answer_to(request_, sent_as_, std::move(said));
  if (!answer) return false;
  problem_ = wrong_type(request_, answer->result());
  if (problem_) return true;
  answered_ = true;
  on_answer_(*std::move(answer));
  return true;
}

}  // namespace clickflow::remote
