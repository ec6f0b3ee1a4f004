#include "legacy_session.h"

#include <algorithm>
#include <utility>

#include "clickflow/base/at_end.h"
#include "clickflow/base/log.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/revision.h"
#include "question.h"
#include "translation.h"

namespace clickflow::bridge::modern_host {
namespace {

namespace json = mcp::json;

constexpr std::string_view initialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
constexpr int long_ms = 60'000;  // between two looks at nothing

// What comes while a request of our own is on its way.
struct OwnAnswer : remote::Receiver {
  explicit OwnAnswer(LegacySession& the_session) : session(the_session) {}
  void on_message(mcp::Message said) override {
    if (said.is_response()) {
      answer = std::move(said);
    } else if (!session.take(said) && said.is_request()) {
      session.refuse(said, mcp::internal_error, "Nothing can be asked in the middle of this request.");
    }
  }
  LegacySession& session;
  std::optional<mcp::Message> answer;
};

}  // namespace

LegacySession::LegacySession(MakeRemote make)
    : make_(std::move(make)),
      log_levels_(
          [this](int rank, const auth::Occasion& occasion) {
            return ask("logging/setLevel", log_level_params(rank), occasion);
          },
          own_occasion()) {}

LegacySession::~LegacySession() {
  retire(std::chrono::milliseconds(0));
  if (listener_.joinable()) listener_.join();
}

Result<void> LegacySession::greet(const Handshake& handshake, const auth::Occasion& occasion) {
  return greeting_.run(
      occasion, [this] { return !greeted_; }, [&] { return begin(handshake, occasion); });
}

Result<void> LegacySession::begin(const Handshake& handshake, const auth::Occasion& occasion) {
  if (auto made = shake_hands(handshake, occasion); !made) return made;
  std::lock_guard lock(mutex_);
  if (!leaving_.cancelled()) {
    listener_ = std::thread([this] { listen(); });
    listening_ = true;
  }
  greeted_ = true;
  return {};
}

Result<void> LegacySession::shake_hands(const Handshake& handshake, const auth::Occasion& occasion) {
  if (!remote_) remote_ = make_();
  const auto params = json::ObjectText()
                          .add("protocolVersion", json::encode(handshake.revision))
                          .add("capabilities", handshake.capabilities)
                          .add("clientInfo", handshake.client_info)
                          .text();
  const auto answer = request("initialize", params, occasion);
  if (!answer) return tl::make_unexpected(answer.error());
  if (!answer->error().empty()) {
    return fail(ErrorCode::rejected,
                "The server does not take part: " + log::redact(mcp::words_of(answer->error())) + ".",
                "Tell whoever runs the server.");
  }
  const auto revision = json::member(answer->result(), "protocolVersion").value_or("\"\"");
  const std::string agreed = json::is_string(revision) ? json::decode(revision) : "";
  if (mcp::era_of_revision(agreed) != mcp::Era::legacy) {
    return fail(ErrorCode::protocol,
                "The server speaks a revision of MCP that we do not: \"" + log::redact(agreed) + "\".",
                "Look for a newer clickflow-mcp.");
  }
  server_ = mcp::ServerDescription::of(answer->result());
  return tell(std::string(initialized), occasion);
}

LogLevels::Hold LegacySession::hold_log_level(const HostRequest& host) {
  const bool logs = json::member(server_.capabilities, "logging").has_value();
  return {log_levels_, logs ? host.log_rank() : std::nullopt, host.occasion()};
}

std::string LegacySession::new_id() {
  return "\"clickflow-mcp/" + std::to_string(++ids_) + "\"";
}

Result<mcp::Message> LegacySession::request(std::string_view method, std::string_view params,
                                            const auth::Occasion& occasion) {
  OwnAnswer receiver(*this);
  const auto sent =
      remote_->send(mcp::Message::of(mcp::make_request(new_id(), method, params)), receiver, occasion);
  if (!sent) return tl::make_unexpected(sent.error());
  if (!receiver.answer)
    return fail(ErrorCode::protocol, "The server gave no answer.", "Tell whoever runs the server.");
  return *std::move(receiver.answer);
}

Result<void> LegacySession::ask(std::string_view method, std::string_view params,
                                const auth::Occasion& occasion) {
  const auto answer = request(method, params, occasion);
  if (answer && answer->error().empty()) return {};
  const auto why =
      answer ? Error{ErrorCode::rejected, log::redact(mcp::words_of(answer->error())), ""} : answer.error();
  log::warn("{} failed: {}", method, why.what);
  return tl::make_unexpected(why);
}

Result<void> LegacySession::tell(const std::string& message, const auth::Occasion& occasion) {
  remote::Answer none;
  return remote_->send(mcp::Message::of(message), none, occasion);
}

void LegacySession::tell(const std::string& message) {
  if (const auto told = tell(message, own_occasion()); !told && told.error().code != ErrorCode::cancelled)
    log::warn("the server could not be told something: {}", told.error().what);
}

void LegacySession::cancel(std::string_view remote_id) {
  tell(mcp::make_notification(
      "notifications/cancelled",
      json::ObjectText().add("requestId", remote_id).add("reason", R"("The request was given up.")").text()));
}

void LegacySession::refuse(const mcp::Message& request, mcp::ErrorNumber code, std::string_view what) {
  tell(mcp::make_error(request.id(), code, what));
}

bool LegacySession::take(const mcp::Message& said) {
  const auto& method = said.method();
  if (said.is_request()) {
    if (is_question(method)) return false;
    if (method == "ping") {
      tell(mcp::make_result(said.id(), "{}"));
    } else {
      refuse(said, mcp::method_not_found, "The client knows no such method.");
    }
    return true;
  }
  const bool is_change = method.ends_with("/list_changed") || method == "notifications/resources/updated";
  if (is_change) subscriptions_.on_change(said);
  // The last two have no counterpart (2026-07-28, "Key Changes").
  return is_change || method == "notifications/elicitation/complete" ||
         method == "notifications/tasks/status";
}

void LegacySession::enter(CallInFlight& call) {
  std::lock_guard lock(mutex_);
  calls_.push_back(&call);
}

void LegacySession::leave(CallInFlight& call) {
  std::unique_lock lock(mutex_);
  std::erase(calls_, &call);
  changed_.wait(lock, [this] { return !telling_; });
}

// On the server's own stream. Some servers ask there what belongs to a call: if there is one only, it is
// that.
void LegacySession::on_message(mcp::Message said) {
  if (take(said)) return;
  std::vector<CallInFlight*> calls;
  {
    std::lock_guard lock(mutex_);
    calls = calls_;
    telling_ = true;
  }
  std::optional<AtEnd> told(std::in_place, [this] {
    std::lock_guard lock(mutex_);
    telling_ = false;
    changed_.notify_all();
  });
  const bool is_withdrawal = said.method() == "notifications/cancelled";
  if (said.method() == "notifications/progress") {
    std::erase_if(calls,
                  [&](const auto* call) { return !call->has_progress_token(said.param("progressToken")); });
  }
  const bool is_clear = is_withdrawal || calls.size() == 1;
  if (is_clear) {
    for (auto* call : calls) call->on_stray(said);
  }
  told.reset();
  if (!is_clear && said.is_request())
    refuse(said, mcp::internal_error, "It is not clear which request this is about.");
}

// Ends with the session.
void LegacySession::listen() {
  remote_->listen(*this, leaving_);
  while (leaving_.sleep(long_ms)) continue;
  std::chrono::milliseconds limit;
  {
    std::lock_guard lock(mutex_);
    limit = farewell_limit_;
  }
  remote_->close(limit);
  std::lock_guard lock(mutex_);
  listening_ = false;
  changed_.notify_all();
}

void LegacySession::retire(std::chrono::milliseconds limit) {
  {
    std::lock_guard lock(mutex_);
    if (!leaving_.cancelled()) farewell_limit_ = limit;
  }
  leaving_.cancel();
}

bool LegacySession::wait_until_retired(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return !listening_; });
}

}  // namespace clickflow::bridge::modern_host
