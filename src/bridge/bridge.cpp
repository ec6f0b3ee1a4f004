#include "clickflow/bridge/bridge.h"

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/bridge/modern_request.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;
using Clock = std::chrono::steady_clock;

// Each call in flight holds a thread (about 30 KB in use); further ones wait for their turn.
constexpr size_t most_at_once = 128;
// Hosts send SIGTERM 2 s after they have closed stdin.
constexpr auto last_answers_limit = std::chrono::milliseconds(700);
constexpr auto farewell_limit = std::chrono::milliseconds(500);
constexpr auto threads_limit = std::chrono::milliseconds(500);

// Of the requests that show a link to the host.
constexpr std::string_view own_id_prefix = "clickflow-mcp/link/";

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

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
std::string answer_text(const Call& call, const Error& error) {
  if (call.method == "tools/call") return mcp::make_tool_error(call.id, error.message());
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

Bridge::Bridge(Channel& host, remote::Remote& remote, BridgeSettings settings)
    : host_(host),
      remote_(remote),
      settings_(std::move(settings)),
      tools_(remote_, *this, settings_.policy, settings_.safe_tool_names),
      gate_(std::make_shared<Gate>()),
      workers_(most_at_once),
      lane_(1),
      listener_(1) {
  gate_->open();
}

Bridge::~Bridge() = default;

bool Bridge::run() {
  std::string line;
  for (;;) {
    const auto read = host_.read(line);
    if (read == Channel::Read::end) break;
    if (read == Channel::Read::too_long) {
      log::warn("a line of more than {} bytes was passed over", max_line);
      host_.write({mcp::make_error(
          {}, mcp::invalid_request,
          "The message is longer than " + std::to_string(max_line) + " bytes; it was not read.")});
      continue;
    }
    on_line(std::exchange(line, {}));
  }
  log::debug("the host has closed stdin");
  calls_.wait_until_none(last_answers_limit);
  calls_.cancel_all();
  ending_.cancel();
  remote_.close(farewell_limit);
  const auto deadline = Clock::now() + threads_limit;
  const bool lane_ended = lane_.finish(deadline);
  const bool listener_ended = listener_.finish(deadline);
  return workers_.finish(deadline) && lane_ended && listener_ended;
}

void Bridge::on_line(std::string line) {
  if (line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
  if (line.find_first_not_of(" \t\r") == std::string::npos) return;
  if (mcp::looks_like_batch(line)) {
    on_batch(line);
  } else {
    on_text(std::move(line), true);
  }
}

// 2025-03-26 has batches and the other revisions have none. Their parts are carried one by one, and answered
// so.
void Bridge::on_batch(const std::string& text) {
  auto batch = mcp::split_batch(text);
  if (!batch || batch->empty()) {
    log::warn("the host sent a batch that is {}", batch ? "empty" : "not valid JSON");
    host_.write({mcp::make_error({}, batch ? mcp::invalid_request : mcp::parse_error,
                                 batch ? "The batch is empty." : "The batch is not valid JSON.")});
    return;
  }
  for (auto& part : *batch) on_text(std::move(part), allows_batches_);
}

void Bridge::on_text(std::string text, bool allowed) {
  auto message = mcp::Message::parse(std::move(text));
  if (message && !allowed) {
    if (!message->is_request())
      return log::warn("a part of a batch, which this revision does not have, is dropped");
    message = tl::make_unexpected(mcp::Invalid{
        mcp::invalid_request, "Batches exist in revision 2025-03-26 only; send the messages one by one.",
        std::string(message->id())});
  }
  if (!message) {
    log::warn("the host sent an invalid message: {}", message.error().what);
    host_.write({mcp::make_error(message.error().id, message.error().code, message.error().what)});
    return;
  }
  switch (message->kind()) {
    case mcp::Message::Kind::request:
      return on_request(std::move(*message));
    case mcp::Message::Kind::notification:
      return on_notification(std::move(*message));
    case mcp::Message::Kind::response:
      // To a question of ours: whether the person followed the link shows at its other end.
      if (json::is_string(message->id()) && json::decode(message->id()).starts_with(own_id_prefix)) return;
      return forward_in_order(std::move(*message), nullptr, nullptr);
  }
}

void Bridge::on_request(mcp::Message request) {
  const bool modern = mcp::era_of(request) == mcp::Era::modern;
  if (modern) {
    if (const auto refusal = refuse_modern(request)) {
      log::warn("the host sent a request that its revision does not allow");
      host_.write({*refusal});
      return;
    }
  }
  // The host asks whether we are alive.
  if (request.method() == "ping") {
    host_.write({mcp::make_result(request.id(), "{}")});
    return;
  }
  const GatePtr opens = request.method() == "initialize" ? std::make_shared<Gate>() : nullptr;
  if (opens) {
    has_legacy_host_ = true;
    const auto elicitation =
        json::member(json::member(request.params(), "capabilities").value_or("{}"), "elicitation");
    host_shows_links_ = elicitation && json::member(*elicitation, "url");
  }
  const auto call = calls_.begin(request, opens);
  if (!call) {
    // Under its own id the error would be taken for the answer to the first.
    log::warn("the host uses an id again that is in flight; the second request is refused");
    host_.write({mcp::make_error(
        {}, mcp::invalid_request,
        "The id " + std::string(request.id()) +
            " belongs to a request that is still in flight; the second one was not carried out.")});
    return;
  }
  const GatePtr after = opens ? std::exchange(gate_, opens) : gate_;
  workers_.run([this, call, request = std::move(request), after]() mutable {
    serve(call, std::move(request), after);
    if (call->opens) call->opens->open();
  });
}

void Bridge::on_notification(mcp::Message notification) {
  if (notification.method() == "notifications/cancelled") {
    const auto call = calls_.take(notification.param("requestId"));
    if (!call) return;  // answered already, or never heard of
    log::debug("the host cancels {}", call->method);
    // A server that knows nothing of it need not be told, and a modern one is by the end of the stream.
    if (!call->begun.exchange(true) || call->era == mcp::Era::modern) return call->cancellation.cancel();
    return forward_in_order(std::move(notification), nullptr, call);
  }
  GatePtr opens;
  if (notification.method() == "notifications/initialized") opens = std::make_shared<Gate>();
  forward_in_order(std::move(notification), opens, nullptr);
}

// `opens`: what is read later waits for this message. `ends`: the call is given up once the server knows.
void Bridge::forward_in_order(mcp::Message message, GatePtr opens, std::shared_ptr<Call> ends) {
  const GatePtr after = gate_;
  if (opens) gate_ = opens;
  lane_.run([this, message = std::move(message), after, opens, ends] {
    if (after->wait(ending_)) {
      const auto sent = remote_.send(message, *this, {ending_, false, {}});
      if (!sent)
        log::warn("{} did not reach the server: {}",
                  message.method().empty() ? "a response" : message.method(), sent.error().what);
      if (opens && sent) start_listening();
    }
    if (opens) opens->open();
    if (ends) ends->cancellation.cancel();
  });
}

void Bridge::serve(const std::shared_ptr<Call>& call, mcp::Message request, const GatePtr& after) {
  const auto began = Clock::now();
  // The host's cancellation of it may still stand in the lane when that is dropped.
  const Cancellation::Callback on_end(ending_, [&] { call->cancellation.cancel(); });
  if (!after->wait(call->cancellation) || call->begun.exchange(true)) return;
  PersonAsked asked;
  const auto occasion = occasion_of(*call, request, asked);

  struct Answers : remote::Receiver {
    Answers(Bridge& the_bridge, const Call& the_call, const mcp::Message& the_request,
            const auth::Occasion& the_occasion)
        : bridge(the_bridge), call(the_call), request(the_request), occasion(the_occasion) {}
    void on_message(mcp::Message message) override {
      if (message.is_response()) {
        bridge.answer(call, request, std::move(message), occasion);
      } else {
        bridge.on_message(call, std::move(message));
      }
    }
    Bridge& bridge;
    const Call& call;
    const mcp::Message& request;
    const auth::Occasion& occasion;
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
  if (call->method == "subscriptions/listen") {
    std::lock_guard lock(subscriptions_mutex_);
    tools_subscriptions_.erase(call->id);
  }
  if (!asked.elicitation.empty()) {
    host_.write(
        {R"({"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":)" +
         json::encode(asked.elicitation) + "}}"});
  }
  if (asked.notices > 0 && sent) {
    // Who has signed in may use other tools than who has not.
    tools_.forget();
    tell_tools_changed();
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began).count();
  if (sent) {
    log::debug("{} took {} ms", call->method, took);
  } else if (sent.error().code != ErrorCode::cancelled) {
    log::warn("{} failed after {} ms: {}", call->method, took, sent.error().message());
  }
  if (!sent) answer(*call, answer_text(*call, sent.error()));
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
    answer(call, mcp::make_tool_error(call.id, *refusal));
    return request;
  }
  return *real == said ? std::move(request) : request.with(name, json::encode(*real));
}

void Bridge::answer(const Call& call, const mcp::Message& request, mcp::Message response,
                    const auth::Occasion& occasion) {
  if (call.method == "initialize" && !response.result().empty()) {
    const auto version = json::member(response.result(), "protocolVersion");
    allows_batches_ = version && json::says(*version, "2025-03-26");
  }
  if (call.method == "tools/list" && !response.result().empty()) {
    auto shown = tools_.shown(request, std::move(response), occasion);
    return shown ? answer(call, shown->text()) : answer(call, answer_text(call, shown.error()));
  }
  answer(call, response.text());
}

void Bridge::answer(const Call& call, std::string_view text) {
  if (call.opens) call.opens->open();
  if (!calls_.take(call)) return;
  const auto typed = call.era == mcp::Era::modern ? with_result_type(text) : std::nullopt;
  host_.write({typed ? *typed : text});
}

auth::Occasion Bridge::occasion_of(const Call& call, const mcp::Message& request, PersonAsked& asked) {
  auth::Occasion occasion{call.cancellation, call.method == "tools/call"};
  if (!occasion.interactive) return occasion;
  const auto meta = json::member(request.params(), "_meta");
  const std::string token(meta ? json::member(*meta, "progressToken").value_or("") : "");
  occasion.notice = [this, token, &asked](std::string_view text) {
    ++asked.notices;
    if (token.empty()) return;
    // Progress must grow, and what the server will tell begins anywhere: ours stays just above nothing.
    host_.write({fmt::format(
        R"({{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{},"progress":{},"message":{}}}}})",
        token, asked.notices * 1e-6, json::encode(text))});
  };
  if (call.era == mcp::Era::legacy)
    occasion.show_link = [this, &asked](const std::string& link) { return show_link(link, asked); };
  return occasion;
}

// 2025-11-25, "Elicitation", URL mode: the host asks the person whether to open it.
bool Bridge::show_link(const std::string& link, PersonAsked& asked) {
  if (!host_shows_links_) return false;
  asked.elicitation = std::string(own_id_prefix) + "link/" + std::to_string(++links_shown_);
  const std::string id = json::encode(asked.elicitation);
  return host_.write({R"({"jsonrpc":"2.0","id":)" + id +
                      R"(,"method":"elicitation/create","params":{"mode":"url","elicitationId":)" + id +
                      R"(,"url":)" + json::encode(link) +
                      R"(,"message":"Sign in to ClickFlow in your browser."}})"});
}

void Bridge::on_message(mcp::Message message) {
  if (message.method() == "notifications/tools/list_changed") tools_.forget();
  host_.write({message.text()});
}

void Bridge::on_message(const Call& call, mcp::Message message) {
  if (call.era == mcp::Era::modern && message.is_request())
    return log::warn("the server's {} is dropped: a modern host is asked nothing", message.method());
  if (message.method() == "notifications/subscriptions/acknowledged") {
    const auto agreed = message.param("notifications");
    std::lock_guard lock(subscriptions_mutex_);
    if (json::member(agreed, "toolsListChanged") == "true") tools_subscriptions_.insert(call.id);
  }
  on_message(std::move(message));
}

void Bridge::tell_tools_changed() {
  const auto changed =
      *mcp::Message::parse(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  if (has_legacy_host_) host_.write({changed.text()});
  std::set<std::string> subscriptions;
  {
    std::lock_guard lock(subscriptions_mutex_);
    subscriptions = tools_subscriptions_;
  }
  for (const auto& id : subscriptions)
    host_.write({mcp::with_meta(changed, mcp::meta::subscription_id, id).text()});
}

void Bridge::start_listening() {
  if (listening_.exchange(true)) return;
  listener_.run([this] {
    remote_.listen(*this, ending_);
    listening_ = false;
  });
}

}  // namespace clickflow::bridge
