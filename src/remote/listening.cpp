#include <algorithm>
#include <random>
#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/remote/streamable_http.h"
#include "reply.h"

namespace clickflow::remote {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A stream may rightly be idle; keep-alive finds dead peers.
constexpr auto listening_silence = std::chrono::minutes(30);
constexpr auto longest_pause = seconds(300);
constexpr auto stream_limit = seconds(1);

milliseconds grown(milliseconds pause) {
  static thread_local std::minstd_rand random(std::random_device{}());
  const auto doubled = std::min<milliseconds>(pause * 2, longest_pause);
  return doubled - milliseconds(random() % static_cast<unsigned>(doubled.count() / 4 + 1));
}

}  // namespace

void StreamableHttp::listen(Receiver& receiver, const Cancellation& cancellation) {
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
  auto pause = resume_pause;
  std::string last_event_id;
  unsigned generation = session().generation;
  bool just_replayed = false;
  set_listening(true);
  while (!cancellation.cancelled()) {
    const Session current = session();
    const unsigned signed_in_before = sign_ins();
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
    const auto sent = http_.send(std::move(request), reply, occasion);
    const bool lost = sent && !reply.is_stream() && !current.id.empty() && reply.lost_session({});
    if (lost) {
      if (just_replayed) {
        log::debug("the server offers no stream of its own: it knows not even a new session there");
        break;
      }
      just_replayed = replay_handshake(current, occasion).has_value();
    } else if (sent && !reply.is_stream()) {
      const int status = reply.head().status;
      if ((status != 408 && status != 429 && status < 500) || status == 501) {
        log::debug("the server offers no stream of its own (HTTP {})", status);
        break;
      }
    } else if (!sent) {
      log::debug("the server's stream: {}", sent.error().what);
    }
    just_replayed = just_replayed && lost;
    if (reply.can_resume()) last_event_id = reply.last_event_id();
    if (reply.retry()) {
      pause = milliseconds(*reply.retry());
    } else if (reply.events() > 0) {
      pause = resume_pause;
    }
    if (!rest(cancellation, pause, generation, signed_in_before)) break;
    pause = sign_ins() != signed_in_before ? resume_pause : grown(std::max(pause, resume_pause));
  }
  set_listening(false);
}

// A call that has made a new session, or a sign-in after a refusal, ends the rest: what the server says then
// must not be missed.
bool StreamableHttp::rest(const Cancellation& cancellation, milliseconds pause, unsigned generation,
                          unsigned sign_ins) {
  const Cancellation::Callback wake(cancellation, [this] {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause, [&] {
    return cancellation.cancelled() || session_.generation != generation || sign_ins_ != sign_ins;
  });
  return !cancellation.cancelled();
}

unsigned StreamableHttp::sign_ins() const {
  std::lock_guard lock(mutex_);
  return sign_ins_;
}

// A server may ask something on its own stream before it answers a call, and forgets the question where there
// is no stream yet: the stream of a new session goes first. One that does not come is waited for once.
void StreamableHttp::await_stream() {
  std::unique_lock lock(mutex_);
  const bool there = changed_.wait_for(
      lock, stream_limit, [this] { return !listening_ || stream_generation_ == session_.generation; });
  if (!there) stream_generation_ = session_.generation;
}

}  // namespace clickflow::remote
