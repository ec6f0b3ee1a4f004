#include "clickflow/remote/last_switch.h"

#include "clickflow/base/log.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"

namespace clickflow::remote {
namespace {

namespace json = mcp::json;

constexpr size_t longest_shown = 200;

}  // namespace

LastSwitch::Made LastSwitch::made() const {
  std::lock_guard lock(mutex_);
  return made_;
}

bool LastSwitch::is_one(const mcp::Message& request) const {
  if (request.method() != "tools/call") return false;
  const auto name = request.param("name");
  return json::is_string(name) && json::says(name, tool_);
}

// A result may also ask for input first (2026-07-28), or promise one for later (2025-11-25, "Tasks").
bool LastSwitch::has_succeeded(const mcp::Message& answer) {
  const auto result = answer.result();
  const auto type = json::member(result, "resultType");
  return !result.empty() && json::member(result, "isError") != "true" && !json::member(result, "task") &&
         (!type || json::says(*type, "complete"));
}

unsigned LastSwitch::note(const mcp::Message& request) {
  std::lock_guard lock(mutex_);
  made_ = {++numbers_, std::string(request.param("arguments"))};
  return made_.number;
}

void LastSwitch::renew() {
  std::lock_guard lock(mutex_);
  if (made_.number != 0) made_.number = ++numbers_;
}

void LastSwitch::forget() {
  std::lock_guard lock(mutex_);
  made_ = {};
}

mcp::Message LastSwitch::again(const Made& made, std::string_view id) const {
  const auto params =
      json::ObjectText().add("name", json::encode(tool_)).add_if_any("arguments", made.arguments).text();
  return mcp::Message::of(mcp::make_request(id, "tools/call", params));
}

Error LastSwitch::not_made(const Made& made, const Result<void>& sent) const {
  if (!sent &&
      (sent.error().code == ErrorCode::cancelled || sent.error().code == ErrorCode::unauthenticated ||
       sent.error().code == ErrorCode::unreachable))
    return sent.error();
  log::warn("{} could not be made again: {}", what_, sent ? "the server refused it" : sent.error().what);
  std::string shown = log::redact(made.arguments);
  if (shown.size() > longest_shown) shown.clear();
  return {ErrorCode::rejected,
          what_ + (shown.empty() ? "" : " (" + shown + ")") +
              " could not be made again in a new session with the server; this call was not sent.",
          "Switch again, then repeat it."};
}

}  // namespace clickflow::remote
