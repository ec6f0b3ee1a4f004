#include "clickflow/bridge/host_questions.h"

#include <algorithm>

#include "clickflow/base/log.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;

mcp::Message make_question(const std::string& id, const mcp::InputRequest& question) {
  std::string params = question.params;
  const auto mode = json::member(params, "mode");
  // 2025-11-25 wants an id for what happens at the link; 2026-07-28 has none.
  if (question.method == "elicitation/create" && mode && json::is_string(*mode) && json::says(*mode, "url"))
    params = json::with_member(params, "elicitationId", json::encode(id));
  return mcp::Message::of(mcp::make_request(json::encode(id), question.method, params));
}

mcp::Message make_withdrawal(const std::string& id) {
  return mcp::Message::of(mcp::make_notification(
      "notifications/cancelled",
      "{\"requestId\":" + json::encode(id) + R"(,"reason":"The call that needed it has ended."})"));
}

Error refused(const mcp::InputRequest& question, std::string_view error) {
  const auto words = json::member(error, "message").value_or("\"\"");
  return {ErrorCode::rejected,
          "The server needs " + question.method + " of the assistant, which answered with an error: " +
              log::redact(json::is_string(words) ? json::decode(words) : "") + ".",
          "Allow it in the assistant, or do without this tool."};
}

}  // namespace

Result<std::vector<std::string>> HostQuestions::ask(const std::vector<mcp::InputRequest>& questions,
                                                    remote::Receiver& host,
                                                    const Cancellation& cancellation) {
  std::vector<std::string> ids;
  {
    std::lock_guard lock(mutex_);
    for (size_t i = 0; i < questions.size(); ++i) {
      ids.push_back("clickflow-mcp/question/" + std::to_string(++asked_));
      open_[ids.back()];
    }
  }
  for (size_t i = 0; i < questions.size(); ++i) host.on_message(make_question(ids[i], questions[i]));
  auto answers = collect(questions, ids, cancellation);
  std::vector<std::string> unanswered;
  {
    std::lock_guard lock(mutex_);
    for (const auto& id : ids) {
      if (const auto& open = open_[id]; !open.result && !open.error) unanswered.push_back(id);
      open_.erase(id);
    }
  }
  for (const auto& id : unanswered) host.on_message(make_withdrawal(id));
  return answers;
}

Result<std::vector<std::string>> HostQuestions::collect(const std::vector<mcp::InputRequest>& questions,
                                                        const std::vector<std::string>& ids,
                                                        const Cancellation& cancellation) {
  const Wake wake(cancellation, mutex_, changed_);
  auto is_elicitation = [&](size_t i) { return questions[i].method == "elicitation/create"; };
  std::unique_lock lock(mutex_);
  auto first_refused = [&]() -> std::optional<size_t> {
    for (size_t i = 0; i < ids.size(); ++i)
      if (open_[ids[i]].error && !is_elicitation(i)) return i;
    return {};
  };
  auto all_answered = [&] {
    return std::all_of(ids.begin(), ids.end(),
                       [&](const auto& id) { return open_[id].result || open_[id].error; });
  };
  const bool in_time = changed_.wait_for(
      lock, limit_, [&] { return cancellation.cancelled() || first_refused() || all_answered(); });
  if (cancellation.cancelled()) return fail(ErrorCode::cancelled, "The request was cancelled.", "");
  if (const auto i = first_refused())
    return tl::make_unexpected(refused(questions[*i], *open_[ids[*i]].error));
  if (!in_time)
    return fail(ErrorCode::timed_out, "The assistant did not answer what the server needs to know.",
                "Try again, and answer what the assistant shows.");
  std::vector<std::string> answers;
  for (const auto& id : ids) answers.push_back(open_[id].result.value_or(R"({"action":"cancel"})"));
  return answers;
}

bool HostQuestions::answer(const mcp::Message& response) {
  if (!json::is_string(response.id())) return false;
  std::lock_guard lock(mutex_);
  const auto found = open_.find(json::decode(response.id()));
  if (found == open_.end()) return false;
  Open& open = found->second;
  if (open.result || open.error) return true;  // the first counts
  if (response.result().empty()) {
    open.error = response.error();
  } else {
    open.result = response.result();
  }
  changed_.notify_all();
  return true;
}

}  // namespace clickflow::bridge
