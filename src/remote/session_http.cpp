#include "clickflow/remote/session_http.h"

#include <algorithm>
#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/methods.h"
#include "exchange.h"
#include "reconnecting.h"

namespace clickflow::remote {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Hosts give up after 60 s.
constexpr auto initialize_limit = seconds(50);
// A handshake is played again while calls wait for it.
constexpr auto handshake_limit = seconds(30);
constexpr auto notification_limit = seconds(30);
constexpr auto no_limit = std::chrono::hours(24 * 365);
// That bring nothing new, in a row. Where the server names no pause that is 8 to 15 s: long enough for one
// that starts anew, and short enough for a host that waits for one which is gone.
constexpr int idle_resumptions = 4;

bool is_visible(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool sleep(const Cancellation& cancellation, milliseconds pause) {
  return cancellation.sleep(static_cast<int>(pause.count()));
}

}  // namespace

SessionHttp::SessionHttp(AuthorizedClient& http, StreamableHttpSettings settings)
    : http_(http), settings_(std::move(settings)), rests_(std::make_shared<Rests>()) {
  http_.wake_on_sign_in(rests_);
}

SessionHttp::~SessionHttp() = default;

Result<void> SessionHttp::send(const mcp::Message& message, Receiver& receiver,
                               const auth::Occasion& occasion) {
  if (message.is_request()) {
    const bool switches = settings_.last_switch && settings_.last_switch->is_one(message);
    return switches ? send_switch(message, receiver, occasion) : send_request(message, receiver, occasion);
  }
  auto sent = send_other(message, occasion);
  if (sent && message.method() == "notifications/initialized") {
    std::lock_guard lock(mutex_);
    listening_ = true;  // listen() is what comes next
  }
  return sent;
}

Result<void> SessionHttp::send_request(const mcp::Message& message, Receiver& receiver,
                                       const auth::Occasion& occasion) {
  const bool opens_session = message.method() == "initialize";
  const auto deadline = Clock::now() + settings_.limits.whole.value_or(no_limit);
  bool replayed = false, repeated = false;
  if (!mcp::may_repeat(message.method())) await_stream();
  for (;;) {
    const auto found = opens_session ? Session{} : session_for(message, occasion);
    if (!found) return tl::make_unexpected(found.error());
    const Session& current = *found;
    bool answered = false;
    Reply reply(settings_.max_message, [&](const http::ResponseHead& head, mcp::Message said) {
      if (!said.is_response()) {
        receiver.on_message(std::move(said));
        return false;
      }
      if (answered) {
        log::warn("the server answered {} twice; the second answer is dropped", message.method());
        return true;
      }
      auto answer = answer_to(message, message.id(), std::move(said));
      if (!answer) return false;
      answered = true;
      if (opens_session && !answer->result().empty()) adopt(head, *answer);
      if (!answer->result().empty()) {
        std::lock_guard lock(mutex_);
        host_.note(message);
      }
      receiver.on_message(*std::move(answer));
      return true;
    });

    auto request = make_post(message, current);
    if (opens_session) limit(request.limits, initialize_limit);
    auto sent = http_.send(std::move(request), reply, occasion);
    const bool lost = sent && !replayed && !current.id.empty() && reply.lost_session(message.id());
    if (sent && !lost) reply.finish();
    if (answered) return {};
    if (lost) {
      replayed = true;
      if (auto replay = replay_handshake(current, occasion); !replay) return replay;
      await_stream();
      continue;
    }
    if (!sent && sent.error().code == ErrorCode::lost && !reply.heard() &&
        mcp::may_repeat(message.method()) && !std::exchange(repeated, true)) {
      continue;
    }
    const bool wanted =
        sent || (sent.error().code != ErrorCode::cancelled && sent.error().code != ErrorCode::unreachable);
    if (wanted && reply.is_stream() && reply.can_resume()) {
      sent = resume(reply, current, occasion, deadline);
      if (answered) return {};
    }
    return tl::make_unexpected(
        why_unanswered(message, sent, reply, settings_.endpoint, occasion.cancellation));
  }
}

Result<void> SessionHttp::send_other(const mcp::Message& message, const auth::Occasion& occasion) {
  if (message.method() == "notifications/initialized") {
    std::lock_guard lock(mutex_);
    host_.note(message);
  }
  Reply reply(settings_.max_message, [](const http::ResponseHead&, const mcp::Message&) { return false; });
  auto request = make_post(message, session());
  limit(request.limits, notification_limit);
  if (auto sent = http_.send(std::move(request), reply, occasion); !sent) return sent;
  if (!reply.ok()) return tl::make_unexpected(status_error(settings_.endpoint, reply.head(), reply.body()));
  return {};
}

// 2025-11-25, "Resumability and Redelivery": by GET, whatever the stream began with.
Result<void> SessionHttp::resume(Reply& reply, const Session& current, const auth::Occasion& occasion,
                                 Clock::time_point deadline) {
  Pauses pauses;
  auto pause = pauses.after(reply, {}, true);
  while (pauses.idle() < idle_resumptions) {
    if (Clock::now() + pause >= deadline) {
      return fail(ErrorCode::timed_out, "The server did not finish its answer in time.", "Try again later.");
    }
    if (!sleep(occasion.cancellation, pause))
      return fail(ErrorCode::cancelled, "The request was cancelled.", "");
    const auto began = Clock::now();
    const size_t events = reply.events();
    auto request = make_request("GET", current);
    request.headers.add("Accept", "text/event-stream");
    request.headers.add("Last-Event-ID", reply.last_event_id());
    request.limits.whole = std::chrono::ceil<milliseconds>(deadline - began);
    reply.restart();
    const auto sent = http_.send(std::move(request), reply, occasion);
    if (reply.done()) return {};
    if (!sent && sent.error().code == ErrorCode::cancelled) return sent;
    if (sent && !reply.is_stream() && !is_transient(reply.head().status)) break;
    pause = pauses.after(reply, Clock::now() - began, reply.events() > events);
  }
  return fail(ErrorCode::lost,
              "The connection broke in the middle of the answer, and the server could not take it up again.",
              "Try again later.");
}

// However many calls find out at once that the session is lost, one of them makes the new one.
Result<void> SessionHttp::replay_handshake(const Session& lost, const auth::Occasion& occasion) {
  return replaying_.run(
      occasion, [&] { return session().generation == lost.generation; },
      [&] { return make_session_anew(occasion); });
}

Result<void> SessionHttp::make_session_anew(const auth::Occasion& occasion) {
  const auto host = this->host();
  if (!host.initialize())
    return fail(ErrorCode::protocol, "The server lost a session that it never had.",
                "Restart the assistant.");
  log::info("the server has lost the session; making a new one");

  Result<void> made =
      fail(ErrorCode::protocol, "The server gave no new session in place of the one that it lost.",
           "Try again; if that does not help, restart the assistant.");
  Reply reply(settings_.max_message, [&](const http::ResponseHead& head, const mcp::Message& said) {
    if (!said.is_response()) return false;
    if (!said.result().empty()) {
      adopt(head, said);
      made = {};
    }
    return true;
  });
  auto request = make_post(*host.initialize(), Session{});
  limit(request.limits, handshake_limit);
  const auto sent = http_.send(std::move(request), reply, occasion);
  if (sent) reply.finish();
  if (!sent && !reply.done()) made = sent;
  if (made && host.initialized()) made = send_other(*host.initialized(), occasion);
  if (made) {
    // Subscriptions may depend on it. A call that needs it finds out by itself if it fails.
    (void)switch_again(session(), occasion);
    set_again(host.requests(), occasion);
  }
  return made;
}

// What can't be set again is the host's loss only: the call that waits for the session goes on.
void SessionHttp::set_again(const std::vector<mcp::Message>& requests, const auth::Occasion& occasion) {
  for (const auto& message : requests) {
    Reply reply(settings_.max_message,
                [](const http::ResponseHead&, const mcp::Message& said) { return said.is_response(); });
    auto request = make_post(message, session());
    limit(request.limits, notification_limit);
    if (const auto sent = http_.send(std::move(request), reply, occasion); !sent && !reply.done()) {
      log::warn("{} could not be set again in the new session: {}", message.method(), sent.error().what);
      return;
    }
  }
}

void SessionHttp::close(milliseconds limit) {
  const Session current = session();
  if (current.id.empty()) return;
  auto request = make_request("DELETE", current);
  request.may_repeat = true;
  request.limits = {limit, limit, limit, limit};
  Reply reply(settings_.max_message, [](const http::ResponseHead&, const mcp::Message&) { return false; });
  const auto sent = http_.send_as_before(std::move(request), reply);
  // 405 is the server's right (2025-11-25, "Session Management").
  if (!sent) log::debug("the session was not ended: {}", sent.error().what);
}

SessionHttp::Session SessionHttp::session() const {
  std::lock_guard lock(mutex_);
  return session_;
}

HostState SessionHttp::host() const {
  std::lock_guard lock(mutex_);
  return host_;
}

void SessionHttp::adopt(const http::ResponseHead& head, const mcp::Message& answer) {
  Session fresh;
  if (const auto id = head.headers.get("Mcp-Session-Id")) {
    if (is_visible(*id)) {
      fresh.id = *id;
    } else {
      log::warn("the server's session id has characters that it must not have; it is ignored");
    }
  }
  const auto version = mcp::json::member(answer.result(), "protocolVersion");
  if (version && mcp::json::is_string(*version)) fresh.version = mcp::json::decode(*version);
  if (!is_visible(fresh.version)) {
    log::warn("the server names no protocol version that a header can hold; later requests name none");
    fresh.version.clear();
  }
  {
    std::lock_guard lock(mutex_);
    fresh.generation = session_.generation + 1;
    ++switchings_;
    session_ = std::move(fresh);
    changed_.notify_all();
  }
  rests_->wake();
}

http::Request SessionHttp::make_request(std::string method, const Session& current) const {
  http::Request request;
  request.method = std::move(method);
  request.url = settings_.endpoint;
  request.headers = settings_.headers;
  request.limits = settings_.limits;
  name_session(request, current);
  return request;
}

http::Request SessionHttp::make_post(const mcp::Message& message, const Session& current) const {
  auto request = remote::make_post(settings_, message);
  name_session(request, current);
  return request;
}

void SessionHttp::name_session(http::Request& request, const Session& current) {
  if (!current.id.empty()) request.headers.set("Mcp-Session-Id", current.id);
  if (!current.version.empty()) request.headers.set("MCP-Protocol-Version", current.version);
}

}  // namespace clickflow::remote
