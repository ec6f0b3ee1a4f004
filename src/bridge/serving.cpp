#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/bridge/bridge.h"
#include "clickflow/bridge/modern_request.h"
#include "clickflow/bridge/sign_in_link.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"

// What a worker does with one request, until it is answered.
namespace clickflow::bridge {
namespace {

namespace json = mcp::json;
using Clock = std::chrono::steady_clock;

std::string_view reason(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_input:
      return "invalid_input";
    case ErrorCode::unauthenticated:
      return "unauthenticated";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::unreachable:
      return "unreachable";
    case ErrorCode::lost:
      return "lost";
    case ErrorCode::timed_out:
      return "timed_out";
    case ErrorCode::rejected:
      return "rejected";
    case ErrorCode::busy:
      return "busy";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::protocol:
      return "protocol";
    case ErrorCode::system:
      return "system";
    case ErrorCode::keychain_locked:
    case ErrorCode::keychain_absent:
    case ErrorCode::keychain_no_bus:
    case ErrorCode::keychain_refused:
    case ErrorCode::keychain_damaged:
      return "keychain";
  }
  return "unknown";
}

// The one place where a failure becomes an answer. A tool's is a result, which the model reads and can act
// on; any other request's is an error.
std::string answer_text(const Call& call, const Error& error, const BridgeSettings& settings) {
  if (call.method == "tools/call" && settings.failures_are_results)
    return mcp::make_tool_error(call.id, error.message());
  // Modern revisions want nothing new from the range that they share with older ones ("Error Codes").
  const auto code = call.era == mcp::Era::modern ? mcp::internal_error : mcp::no_answer;
  return mcp::make_error(call.id, code, error.message(),
                         R"({"reason":")" + std::string(reason(error.code)) + "\"}");
}

bool has_twice(std::string_view object, std::string_view name) {
  int count = 0;
  json::Members members(object);
  while (const auto member = members.next()) count += json::says(member->key, name);
  return count > 1;
}

}  // namespace

void Bridge::serve(const std::shared_ptr<Call>& call, mcp::Message request, const GatePtr& after) {
  const auto began = Clock::now();
  // The host's cancellation of it may still stand in the lane when that is dropped.
  const Cancellation::Callback on_end(ending_, [&] { call->cancellation.cancel(); });
  if (!after->wait(call->cancellation) || call->begun.exchange(true)) return;
  PersonAsked asked;
  if (const auto returned = after_sign_in_link(request)) {
    if (!returned->agreed) {
      forget_links();
      return answer(*call, mcp::make_tool_error(
                               call->id, "The sign-in was declined. Call the tool again to start it anew."));
    }
    asked.had_link = true;
    request = returned->call;
  }
  const auto occasion = occasion_of(*call, request, asked);

  struct Answers : remote::Receiver {
    Answers(Bridge& the_bridge, const Call& the_call, const mcp::Message& the_request,
            const auth::Occasion& the_occasion)
        : bridge(the_bridge), call(the_call), request(the_request), occasion(the_occasion) {}
    void on_message(mcp::Message message) override {
      if (message.is_response()) {
        bridge.answer(call, request, std::move(message), tools_then, occasion);
      } else {
        bridge.on_message(call, std::move(message));
      }
    }
    Bridge& bridge;
    const Call& call;
    const mcp::Message& request;
    const auth::Occasion& occasion;
    const ToolDirectory::Stamp tools_then = bridge.tools_.stamp();
  };

  bool answered = false;
  Result<void> sent;
  if (call->method == "tools/call") {
    auto prepared = prepare_tool_call(*call, std::move(request), occasion, answered);
    if (answered) return;
    if (prepared) {
      request = std::move(*prepared);
    } else {
      sent = tl::make_unexpected(prepared.error());
    }
  }
  if (sent) {
    Answers answers(*this, *call, request, occasion);
    sent = remote_.send(request, answers, occasion);
  }
  if (!asked.elicitation.empty()) {
    host_.write({mcp::make_notification("notifications/elicitation/complete",
                                        "{\"elicitationId\":" + json::encode(asked.elicitation) + "}")});
  }
  // Who has signed in may use other tools than who has not; not every host hears of it.
  if ((asked.notices > 0 || asked.had_link) && sent) tools_.forget();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began).count();
  if (sent) {
    log::debug("{} took {} ms", call->method, took);
  } else if (sent.error().code != ErrorCode::cancelled) {
    log::warn("{} failed after {} ms: {}", call->method, took, sent.error().message());
  }
  if (!sent) fail_call(*call, sent.error());
}

Result<mcp::Message> Bridge::prepare_tool_call(const Call& call, mcp::Message request,
                                               const auth::Occasion& occasion, bool& answered) {
  const auto name = request.param("name");
  if (!json::is_string(name) || has_twice(request.params(), "name") ||
      has_twice(request.params(), "arguments")) {
    log::warn("the host sent a tool call without one name, or with arguments twice");
    answered = true;
    answer(call, mcp::make_error(call.id, mcp::invalid_params,
                                 "tools/call needs one name, which is a string, and one arguments member."));
    return request;
  }
  const std::string said = json::decode(name);
  const auto real = tools_.real_name(said, request, occasion);
  if (!real) return tl::make_unexpected(real.error());
  if (const auto refusal = settings_.policy.refuse(*real, request.param("arguments"))) {
    log::info("a call of {} was refused here", *real);
    answered = true;
    fail_call(call, {ErrorCode::forbidden, *refusal, ""});
    return request;
  }
  return *real == said ? std::move(request) : request.with(name, json::encode(*real));
}

void Bridge::answer(const Call& call, const mcp::Message& request, mcp::Message response,
                    ToolDirectory::Stamp tools_then, const auth::Occasion& occasion) {
  if (call.method == "initialize" && !response.result().empty()) {
    const auto version = json::member(response.result(), "protocolVersion");
    allows_batches_ = version && json::says(*version, "2025-03-26");
  }
  if (call.method == "tools/list" && !response.result().empty()) {
    auto shown = tools_.shown(request, std::move(response), tools_then, occasion);
    return shown ? answer(call, shown->text()) : fail_call(call, shown.error());
  }
  answer(call, response.text());
}

void Bridge::answer(const Call& call, std::string_view text) {
  if (call.opens) call.opens->open();
  if (!calls_.take(call)) return;
  const auto missing = call.era == mcp::Era::modern ? missing_result_type(text) : std::nullopt;
  if (missing) {
    host_.write({text.substr(0, missing->at), missing->text, text.substr(missing->at)});
  } else {
    host_.write({text});
  }
}

void Bridge::fail_call(const Call& call, const Error& error) {
  answer(call, answer_text(call, error, settings_));
}

auth::Occasion Bridge::occasion_of(const Call& call, const mcp::Message& request, PersonAsked& asked) {
  auth::Occasion occasion{call.cancellation, call.method == "tools/call"};
  if (!occasion.interactive) return occasion;
  const std::string token(mcp::RequestMeta(request).progress_token);
  occasion.notice = [this, token, &asked](std::string_view text) {
    ++asked.notices;
    if (token.empty()) return;
    // Progress must grow, and what the server will tell begins anywhere: ours stays just above nothing.
    host_.write({mcp::make_notification(
        "notifications/progress", fmt::format(R"({{"progressToken":{},"progress":{},"message":{}}})", token,
                                              asked.notices * 1e-6, json::encode(text)))});
  };
  if (call.era == mcp::Era::legacy) {
    occasion.show_link = [this, &asked](const std::string& link) { return show_link(link, asked); };
  } else if (asked.had_link) {
    occasion.show_link = [](const std::string&) { return true; };
  } else if (takes_sign_in_link(request)) {
    occasion.show_link = [this, &call](const std::string& link) { return show_link_in_answer(link, call); };
  }
  return occasion;
}

// 2025-11-25, "Elicitation", URL mode: the host asks the person whether to open it.
bool Bridge::show_link(const std::string& link, PersonAsked& asked) {
  if (!host_shows_links_) return false;
  if (!is_new(link)) return true;
  asked.elicitation = std::string(link_id_prefix) + std::to_string(++link_ids_);
  const std::string id = json::encode(asked.elicitation);
  return host_.write(
      {mcp::make_request(id, "elicitation/create",
                         R"({"mode":"url","elicitationId":)" + id + R"(,"url":)" + json::encode(link) +
                             R"(,"message":"Sign in to ClickFlow in your browser."})")});
}

// However many calls wait for a sign-in, the person is asked once.
bool Bridge::is_new(const std::string& link) {
  std::lock_guard lock(links_mutex_);
  return links_shown_.insert(link).second;
}

void Bridge::forget_links() {
  std::lock_guard lock(links_mutex_);
  links_shown_.clear();
}

// The sign-in goes on by itself; the call is over, and has not been sent.
bool Bridge::show_link_in_answer(const std::string& link, const Call& call) {
  if (!is_new(link)) return true;
  answer(call, mcp::make_result(call.id, sign_in_link_result(link)));
  call.cancellation.cancel();
  return true;
}

void Bridge::on_message(mcp::Message message) {
  if (message.method() == "notifications/tools/list_changed") tools_.forget();
  host_.write({message.text()});
}

void Bridge::on_message(const Call& call, mcp::Message message) {
  if (call.era == mcp::Era::modern && message.is_request())
    return log::warn("the server's {} is dropped: a modern host is asked nothing", message.method());
  on_message(std::move(message));
}

}  // namespace clickflow::bridge
