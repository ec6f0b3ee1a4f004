#include "clickflow/bridge/bridge.h"

#include <chrono>
#include <utility>

#include "clickflow/base/at_end.h"
#include "clickflow/base/log.h"
#include "clickflow/bridge/modern_request.h"
#include "clickflow/mcp/json.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;
using Clock = std::chrono::steady_clock;

// Each call in flight holds a thread (about 30 KB in use); further ones wait for their turn.
constexpr size_t most_at_once = 128;
constexpr auto farewell_limit = std::chrono::milliseconds(500);

// The most that may wait for a host that does not read; then no more is read of it either.
constexpr size_t most_unwritten = 64 * 1024 * 1024;
constexpr size_t line_overhead = 1024;  // what holds a line that waits takes, roughly
// By then the channel has taken the host for gone.
constexpr auto unwritten_limit = std::chrono::minutes(15);

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

Bridge::Bridge(Channel& host, remote::Remote& remote, BridgeSettings settings)
    : host_(host),
      remote_(remote),
      settings_(std::move(settings)),
      tools_(remote_, *this, settings_.policy, settings_.safe_tool_names),
      gate_(std::make_shared<Gate>()),
      workers_(most_at_once),
      lane_(1),
      writer_(1),
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
      on_long_line(line);
      continue;
    }
    on_line(std::exchange(line, {}));
  }
  log::debug("the host has closed stdin");
  const auto last_answers = Clock::now() + settings_.last_answers_limit;
  calls_.wait_until_none(settings_.last_answers_limit);
  writer_.wait_until_idle(last_answers);
  calls_.cancel_all();
  ending_.cancel();
  remote_.close(farewell_limit);
  const auto deadline = Clock::now() + settings_.threads_limit;
  bool ended = true;
  for (Workers* threads : {&lane_, &listener_, &writer_, &workers_}) ended &= threads->finish(deadline);
  return ended;
}

void Bridge::on_long_line(std::string_view ends) {
  log::warn("a line of more than {} bytes was passed over", max_line);
  refuse(mcp::invalid_request,
         "The message is longer than " + std::to_string(max_line) + " bytes; it was not read.",
         mcp::id_of_request(ends.substr(0, kept_of_long_line), ends.substr(kept_of_long_line)));
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
    return refuse(batch ? mcp::invalid_request : mcp::parse_error,
                  batch ? "The batch is empty." : "The batch is not valid JSON.");
  }
  for (auto& part : *batch) on_text(std::move(part), allows_batches_);
}

void Bridge::on_text(std::string text, bool allowed) {
  auto message = mcp::Message::from_peer(std::move(text));
  if (message && !allowed) {
    if (!message->is_request())
      return log::warn("a part of a batch, which this revision does not have, is dropped");
    message = tl::make_unexpected(mcp::Invalid{
        mcp::invalid_request, "Batches exist in revision 2025-03-26 only; send the messages one by one.",
        std::string(message->id())});
  }
  if (!message) {
    log::warn("the host sent an invalid message: {}", message.error().what);
    return refuse(message.error().code, message.error().what, message.error().id);
  }
  switch (message->kind()) {
    case mcp::Message::Kind::request:
      return on_request(std::move(*message));
    case mcp::Message::Kind::notification:
      return on_notification(std::move(*message));
    case mcp::Message::Kind::response:
      // To a question of ours: whether the person followed the link shows at its other end.
      if (json::is_string(message->id()) && json::decode(message->id()).starts_with(link_id_prefix)) {
        if (json::member(message->result(), "action") != R"("accept")") forget_links();
        return;
      }
      return forward_in_order(std::move(*message), nullptr, nullptr);
  }
}

void Bridge::on_request(mcp::Message request) {
  const auto era = mcp::era_of(request);
  const GatePtr opens = request.method() == "initialize" ? std::make_shared<Gate>() : nullptr;
  const auto call = calls_.begin(request, era, opens);
  if (!call) {
    log::warn("the host uses an id again that is in flight; the second request is refused");
    return refuse(mcp::invalid_request,
                  "The id " + std::string(request.id()) +
                      " belongs to a request that is still in flight; the second one was not carried out.");
  }
  if (era == mcp::Era::modern) {
    if (auto refusal = refuse_modern(request)) {
      log::warn("the host sent a request that its revision does not allow");
      return answer_here(call, *std::move(refusal));
    }
  }
  // The host asks whether we are alive.
  if (request.method() == "ping") return answer_here(call, mcp::make_result(request.id(), "{}"));
  if (opens) {
    const auto elicitation =
        json::member(json::member(request.params(), "capabilities").value_or("{}"), "elicitation");
    host_shows_links_ = elicitation && json::member(*elicitation, "url");
  }
  const GatePtr after = opens ? std::exchange(gate_, opens) : gate_;
  const bool is_given_out = workers_.run([this, call, request = std::move(request), after]() mutable {
    try {
      serve(call, std::move(request), after);
    } catch (const std::exception& failure) {
      fail_call(*call, {ErrorCode::system,
                        "This program could not finish the request (" + std::string(failure.what()) +
                            "); whether it was carried out is not known.",
                        "Look at the result in ClickFlow before you try again."});
    }
    if (call->opens) call->opens->open();
  });
  if (!is_given_out) {
    fail_call(*call, {ErrorCode::system, "The system gives this program no thread to carry the request with.",
                      "Close other programs, then try again."});
  }
}

void Bridge::on_notification(mcp::Message notification) {
  // A server might carry it out all the same, whatever the policy says of that tool.
  if (notification.method() == "tools/call")
    return log::warn("the host sent a tool call without an id, which nobody could answer; it is dropped");
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
  const auto end = std::make_shared<AtEnd>([opens, ends] {
    if (opens) opens->open();
    if (ends) ends->cancellation.cancel();
  });
  const bool is_given_out = lane_.run([this, message = std::move(message), after, opens, end] {
    if (after->wait(ending_)) {
      const auto sent = remote_.send(message, *this, {ending_, false, {}});
      if (!sent)
        log::warn("{} did not reach the server: {}",
                  message.method().empty() ? "a response" : message.method(), sent.error().what);
      if (opens && sent) start_listening();
    }
  });
  if (!is_given_out) log::error("a message of the host's is lost");
}

// An id that is in flight is left out: the host would take this for the answer to the other request.
void Bridge::refuse(mcp::ErrorNumber code, std::string_view what, std::string_view id) {
  const bool names_another = !id.empty() && calls_.is_in_flight(id);
  auto text = mcp::make_error(names_another ? std::string_view() : id, code, what);
  write_soon(text.size(), [this, text = std::move(text)] { host_.write({text}); });
}

void Bridge::answer_here(const std::shared_ptr<Call>& call, std::string text) {
  write_soon(text.size(), [this, call, text = std::move(text)] { answer(*call, text); });
}

// A host that takes no output for a while must not keep the main thread from reading: it may be waiting for
// just that. Nor may what waits for a host that never reads grow without end.
void Bridge::write_soon(size_t size, std::function<void()> write) {
  size += line_overhead;
  {
    std::unique_lock lock(unwritten_mutex_);
    written_.wait_for(lock, unwritten_limit,
                      [&] { return unwritten_ == 0 || unwritten_ + size <= most_unwritten; });
    unwritten_ += size;
  }
  // Goes with the last copy of the job, whatever becomes of that.
  const auto space = std::shared_ptr<void>(nullptr, [this, size](void*) {
    std::lock_guard lock(unwritten_mutex_);
    unwritten_ -= size;
    written_.notify_one();
  });
  const auto job = [space, write = std::move(write)] { write(); };
  if (!writer_.run(job)) job();
}

void Bridge::start_listening() {
  if (listening_.exchange(true)) return;
  const bool is_given_out = listener_.run([this] {
    const AtEnd over([this] { listening_ = false; });
    remote_.listen(*this, ending_);
  });
  if (!is_given_out) listening_ = false;
}

}  // namespace clickflow::bridge
