// The part of SessionHttp that keeps its sessions working where the host has switched to.
#include <utility>

#include "clickflow/mcp/methods.h"
#include "clickflow/remote/session_http.h"
#include "exchange.h"

namespace clickflow::remote {
namespace {

// It is made again while calls wait for it.
constexpr auto switch_limit = std::chrono::seconds(30);

}  // namespace

// A call that runs beside a switch works in either place, as the server takes them. What comes after the
// answer works where it led: where something else came between, so that we can't tell what is in force, the
// last switch that was answered is made again before the next call. So it is after one without an answer.
Result<void> SessionHttp::send_switch(const mcp::Message& message, Receiver& receiver,
                                      const auth::Occasion& occasion) {
  bool answered = false;
  Watched watched(receiver, [&, began = count_switching()](const mcp::Message& answer) {
    answered = true;
    if (!LastSwitch::has_succeeded(answer)) return;
    const unsigned number = settings_.last_switch->note(message);
    std::lock_guard lock(mutex_);
    session_.switched = switchings_ == began ? number : 0;
  });
  auto sent = send_request(message, watched, occasion);
  count_switching();
  std::lock_guard lock(mutex_);
  if (!answered) session_.switched = 0;
  return sent;
}

// One in which the last switch is in force. What only reads may do without.
Result<SessionHttp::Session> SessionHttp::session_for(const mcp::Message& message,
                                                      const auth::Occasion& occasion) {
  if (!settings_.last_switch || settings_.last_switch->is_one(message)) return session();
  const bool reads = mcp::is_harmless(message.method());
  bool replayed = false;
  for (;;) {
    const Session current = session();
    bool lost = false;
    const auto needed = [&] {
      const unsigned wanted = settings_.last_switch->made().number;
      const Session now = session();
      return !lost && now.generation == current.generation && wanted != 0 && now.switched != wanted &&
             !(reads && now.not_switched == wanted);
    };
    if (!needed()) return current;
    const auto made = switching_.run(occasion, needed, [&]() -> Result<void> {
      const auto switched = switch_again(current, occasion);
      if (!switched) return tl::make_unexpected(switched.error());
      lost = !*switched;
      return {};
    });
    if (!made && reads && made.error().code != ErrorCode::cancelled) return current;
    if (!made) return tl::make_unexpected(made.error());
    if (!lost) continue;
    if (std::exchange(replayed, true))
      return tl::make_unexpected(settings_.last_switch->not_made(settings_.last_switch->made()));
    if (auto replay = replay_handshake(current, occasion); !replay)
      return tl::make_unexpected(replay.error());
  }
}

unsigned SessionHttp::count_switching() {
  std::lock_guard lock(mutex_);
  return ++switchings_;
}

// False if the session is lost.
Result<bool> SessionHttp::switch_again(const Session& current, const auth::Occasion& occasion) {
  if (!settings_.last_switch) return true;
  const auto wanted = settings_.last_switch->made();
  if (wanted.number == 0) return true;
  const auto message = settings_.last_switch->again(wanted, "\"clickflow-mcp/switch\"");
  bool switched = false;
  Reply reply(settings_.max_message, [&](const http::ResponseHead&, const mcp::Message& said) {
    if (!said.is_response()) return false;
    switched = mcp::same_id(said.id(), message.id()) && LastSwitch::has_succeeded(said);
    return true;
  });
  auto request = make_post(message, current);
  limit(request.limits, switch_limit);
  count_switching();
  const auto sent = http_.send(std::move(request), reply, occasion);
  if (sent && !current.id.empty() && reply.lost_session(message.id())) return false;
  if (sent) reply.finish();
  count_switching();
  const bool cancelled = !sent && sent.error().code == ErrorCode::cancelled;
  if (std::lock_guard lock(mutex_); session_.generation == current.generation) {
    if (switched) {
      session_.switched = wanted.number;
    } else if (!cancelled) {
      session_.not_switched = wanted.number;
    }
  }
  if (switched) return true;
  return tl::make_unexpected(settings_.last_switch->not_made(wanted, sent));
}

}  // namespace clickflow::remote
