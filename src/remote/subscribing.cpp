#include <utility>

#include "answer_reader.h"
#include "clickflow/base/log.h"
#include "clickflow/remote/stateless_http.h"
#include "exchange.h"
#include "reconnecting.h"
#include "subscription.h"

namespace clickflow::remote {
namespace {

using Clock = std::chrono::steady_clock;

bool may_come_back(const Error& why) {
  switch (why.code) {
    case ErrorCode::invalid_input:
    case ErrorCode::forbidden:
    case ErrorCode::rejected:
    case ErrorCode::protocol:
    case ErrorCode::cancelled:
      return false;
    default:
      return true;
  }
}

// A stream that broke, a server in trouble and one that can't be reached are asked again, and so is one that
// refuses us: somebody may sign in. Everything else will be said again.
bool may_come_back(const Result<void>& sent, const Reply& reply) {
  if (!sent) return may_come_back(sent.error());
  return reply.is_stream() || is_transient(reply.head().status);
}

}  // namespace

Result<void> StatelessHttp::subscribe(const mcp::Message& message, Receiver& receiver,
                                      const auth::Occasion& occasion) {
  Subscription subscription(message);
  Pauses pauses;
  std::string sent_as(message.id());
  for (;;) {
    const unsigned wakes = rests_->wakes();
    const auto began = Clock::now();
    subscription.begin(sent_as);
    AnswerReader reader(
        message, sent_as,
        [&](const mcp::Message& said) {
          for (auto& news : subscription.take(said)) receiver.on_message(std::move(news));
        },
        [&](const mcp::Message& answer) { receiver.on_message(subscription.ended_by(answer)); });
    Reply reply(settings_.max_message, [&](const http::ResponseHead& head, mcp::Message said) {
      return reader.take(head, std::move(said)) || subscription.cancelled();
    });
    auto request = make_post(message, sent_as);
    request.limits.silence = listening_silence;
    request.limits.whole.reset();
    const auto sent = http_.send(std::move(request), reply, occasion);
    if (sent) reply.finish();
    if (reader.answered()) return {};
    if (reader.problem()) return tl::make_unexpected(*reader.problem());
    if (subscription.cancelled()) {
      receiver.on_message(subscription.end());
      return {};
    }
    auto why = why_unanswered(message, sent, reply, settings_.endpoint, occasion.cancellation);
    if (!may_come_back(sent, reply)) return tl::make_unexpected(std::move(why));
    log::debug("a subscription's stream: {}", why.what);

    const auto pause = pauses.after(reply, Clock::now() - began, subscription.brought_news());
    if (!rests_->rest(occasion.cancellation, pause, wakes))
      return fail(ErrorCode::cancelled, "The request was cancelled.", "");
    if (rests_->wakes() != wakes) pauses = {};
    sent_as = next_id("again");
  }
}

}  // namespace clickflow::remote
