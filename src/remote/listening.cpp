#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/remote/session_http.h"
#include "reconnecting.h"
#include "reply.h"

namespace clickflow::remote {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto stream_limit = std::chrono::seconds(1);

}  // namespace

void SessionHttp::listen(Receiver& receiver, const Cancellation& cancellation) {
  // Tells those who wait for the stream that it is there.
  struct StreamReply : Reply {
    using Reply::Reply;
    bool on_head(const http::ResponseHead& opened) override {
      on_open();
      return Reply::on_head(opened);
    }
    std::function<void()> on_open;
  };
  auto set_listening = [this](bool value) {
    std::lock_guard lock(mutex_);
    listening_ = value;
    changed_.notify_all();
  };
  const auth::Occasion occasion{cancellation, false, {}};
  Pauses pauses;
  std::string last_event_id;
  unsigned generation = session().generation;
  bool just_replayed = false;
  set_listening(true);
  while (!cancellation.cancelled()) {
    // News that comes from here on, a new session or a sign-in after a refusal, ends the rest below: what the
    // server says then must not be missed.
    const unsigned wakes = rests_->wakes();
    const Session current = session();
    if (std::exchange(generation, current.generation) != current.generation) last_event_id.clear();
    StreamReply reply(settings_.max_message, [&](const http::ResponseHead&, mcp::Message message) {
      if (message.is_response()) {
        log::warn("the server sent a response on its own stream, which nobody waits for; it is dropped");
      } else {
        receiver.on_message(std::move(message));
      }
      return false;
    });
    reply.on_open = [&] {
      std::lock_guard lock(mutex_);
      stream_generation_ = current.generation;
      changed_.notify_all();
    };
    auto request = make_request("GET", current);
    request.headers.add("Accept", "text/event-stream");
    if (!last_event_id.empty()) request.headers.add("Last-Event-ID", last_event_id);
    request.limits.silence = listening_silence;
    request.limits.whole.reset();
    const auto began = Clock::now();
    const auto sent = http_.send(std::move(request), reply, occasion);
    const bool lost = sent && !reply.is_stream() && !current.id.empty() && reply.lost_session({});
    if (lost) {
      if (just_replayed) {
        log::debug("the server offers no stream of its own: it knows not even a new session there");
        break;
      }
      just_replayed = replay_handshake(current, occasion).has_value();
    } else if (sent && !reply.is_stream() && !is_transient(reply.head().status)) {
      const int status = reply.head().status;
      if (last_event_id.empty()) {
        log::debug("the server offers no stream of its own (HTTP {})", status);
        break;
      }
      log::debug("the server does not take its stream up again (HTTP {}); asking for a new one", status);
      last_event_id.clear();
    } else if (!sent) {
      log::debug("the server's stream: {}", sent.error().what);
    }
    just_replayed = just_replayed && lost;
    if (reply.can_resume()) last_event_id = reply.last_event_id();
    const auto pause = pauses.after(reply, Clock::now() - began, reply.events() > 0);
    if (!rests_->rest(cancellation, pause, wakes)) break;
    if (rests_->wakes() != wakes) pauses = {};
  }
  set_listening(false);
}

// A server may ask something on its own stream before it answers a call, and forgets the question where there
// is no stream yet: the stream of a new session goes first. One that does not come is waited for once.
void SessionHttp::await_stream() {
  std::unique_lock lock(mutex_);
  const bool there = changed_.wait_for(
      lock, stream_limit, [this] { return !listening_ || stream_generation_ == session_.generation; });
  if (!there) stream_generation_ = session_.generation;
}

}  // namespace clickflow::remote
