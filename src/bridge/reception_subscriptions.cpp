#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/bridge/reception.h"
#include "clickflow/mcp/request_meta.h"
#include "modern_host/canonical_json.h"
#include "watching.h"

namespace clickflow::bridge {
namespace {

constexpr std::string_view agreement = "notifications/subscriptions/acknowledged";

mcp::Message agree(std::string_view subscription, const std::string& filter) {
  const auto agreed =
      mcp::Message::of(mcp::make_notification(agreement, "{\"notifications\":" + filter + "}"));
  return mcp::with_meta(agreed, mcp::meta::subscription_id, subscription);
}

}  // namespace

// While the server can't be had, the host's subscription is agreed to here, as far as it is about lists.
Result<void> Reception::subscribe(const mcp::Message& request, remote::Receiver& receiver,
                                  const auth::Occasion& occasion) {
  struct Relay : remote::Receiver {
    Relay(remote::Receiver& the_receiver, Audience::Member& the_member)
        : receiver(the_receiver), member(the_member) {}
    void on_message(mcp::Message message) override {
      if (message.method() != agreement) return receiver.on_message(std::move(message));
      const auto filter = message.param("notifications");
      auto granted = modern_host::canonical_json(filter.empty() ? "{}" : filter);
      const bool first = agreed.empty();
      if (std::exchange(agreed, granted) != granted) receiver.on_message(std::move(message));
      if (first) {
        member.begin();
      } else {
        member.tell_all();  // what has changed meanwhile
      }
    }
    remote::Receiver& receiver;
    Audience::Member& member;
    std::string agreed;  // the filter
  };

  Audience::Member member(audience_, receiver, request.id(), request.param("notifications"));
  Relay relay(receiver, member);
  for (;;) {
    unsigned news = 0;
    {
      std::lock_guard lock(mutex_);
      news = news_;
    }
    Watching watching(known_, relay);
    auto sent = remote_.send(request, watching, occasion);
    if (sent || !may_pass(sent.error()) || occasion.cancellation.cancelled()) return sent;
    log::debug("a subscription waits for the server: {}", sent.error().what);
    if (relay.agreed.empty()) relay.on_message(agree(request.id(), member.list_filter()));
    note_credential();
    if (!wait_for_news(news, occasion.cancellation))
      return fail(ErrorCode::cancelled, "The request was cancelled.", "");
  }
}

// Until a request has got through, somebody has signed in, or it is worth trying anyway.
bool Reception::wait_for_news(unsigned seen, const Cancellation& cancellation) {
  const Wake wake(cancellation, mutex_, news_changed_);
  plan(Item::look, settings_.look_again);
  std::unique_lock lock(mutex_);
  ++held_;
  news_changed_.wait_for(lock, settings_.longest_pause,
                         [&] { return news_ != seen || cancellation.cancelled(); });
  --held_;
  return !cancellation.cancelled();
}

}  // namespace clickflow::bridge
