#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/bridge/deadline.h"
#include "clickflow/bridge/promise.h"
#include "clickflow/bridge/reception.h"
#include "clickflow/bridge/sign_in_offer.h"
#include "clickflow/mcp/json.h"
#include "watching.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;
using mcp::Era;

// What is new is written together with what comes shortly after it.
constexpr auto save_delay = std::chrono::seconds(1);

constexpr std::string_view own_prefix = "clickflow-mcp/";

// A request for the whole list, or its beginning: nothing in it makes the answer another one.
bool is_plain(const mcp::Message& request) {
  json::Members params(request.params());
  while (const auto param = params.next())
    if (!json::says(param->key, "_meta")) return false;
  return true;
}

// The host gets an answer to its own requests only.
bool is_hosts(const mcp::Message& request) {
  return !json::is_string(request.id()) || !json::decode(request.id()).starts_with(own_prefix);
}

}  // namespace

Result<void> Reception::give_list(mcp::List list, const mcp::Message& request, remote::Receiver& receiver,
                                  const auth::Occasion& occasion) {
  const Era host = mcp::era_of(request);
  if (is_plain(request)) {
    if (const auto fresh = known_.fresh(list, host)) {
      if (is_hosts(request)) shown_.was_live(list);
      return give(request, receiver, fresh->result, fresh->rest_ms);
    }
    if (!has_answered(host)) {
      if (const auto kept = known_.list(list)) {
        if (is_hosts(request)) shown_.was_kept(list, *kept);
        if (host == Era::modern) plan_survey();
        return give(request, receiver, *kept, 0);
      }
    }
  }
  return give_live_list(list, request, receiver, occasion);
}

Result<void> Reception::give_live_list(mcp::List list, const mcp::Message& request,
                                       remote::Receiver& receiver, const auth::Occasion& occasion) {
  const Era host = mcp::era_of(request);
  const auto instead = stand_in(request);
  std::optional<ShownLists::Asking> asking;
  if (is_hosts(request)) asking.emplace(shown_, list);

  std::optional<Deadline> deadline;
  auto within = occasion;
  if (!has_answered(host) && !occasion.interactive) {
    deadline.emplace(settings_.list_limit, occasion.cancellation);
    within.cancellation = deadline->cancellation();
  }
  auto sent = host == Era::legacy ? make_handshake(within) : Result<void>();
  if (sent) {
    Answering answering(receiver, [&, stamp = known_.stamp(list)](mcp::Message& answer) {
      if (host == Era::modern) heard_modern_ = true;
      if (instead && denies_method(answer))
        answer =
            mcp::Message::of(mcp::make_result(request.id(), list_result_for(host, mcp::empty_list(list), 0)));
      const bool whole = is_plain(request) && !mcp::elements_of(list, answer.result()).empty() &&
                         mcp::next_cursor(answer.result()).empty();
      if (whole) known_.learn(list, host, answer.result(), stamp);
      if (is_hosts(request) && !answer.result().empty()) shown_.was_live(list);
      if (list == mcp::List::tools && !answer.result().empty()) set_offered(false);
    });
    Watching watching(known_, answering);
    sent = remote_.send(request, watching, host == Era::legacy ? occasion : within);
  }
  asking.reset();
  if (sent) {
    heard(request);
    plan(Item::save, save_delay);
    // The rest of a list in pages is the survey's to read.
    if (!known_.has_heard(list)) plan(Item::survey, settings_.survey_delay);
    return sent;
  }
  auto why = sent.error();
  if (deadline && deadline->passed()) {
    const auto before = handshake_.failure();
    why = before && before->code == ErrorCode::unauthenticated
              ? *before
              : Error{ErrorCode::timed_out, "ClickFlow has not answered yet.", "Try again in a moment."};
  }
  return give_without_server(list, request, receiver, occasion, why);
}

Result<void> Reception::give_without_server(mcp::List list, const mcp::Message& request,
                                            remote::Receiver& receiver, const auth::Occasion& occasion,
                                            const Error& why) {
  if (why.code == ErrorCode::cancelled) return tl::make_unexpected(why);
  const auto kept = is_plain(request) && may_pass(why) ? known_.list(list) : std::nullopt;
  if (is_hosts(request)) kept ? shown_.was_kept(list, *kept) : shown_.was_refused(list);
  {
    // Once the server answers, the host may have to hear of it.
    std::lock_guard lock(mutex_);
    surveyed_.reset();
    ++lists_without_server_;
  }
  if (kept) {
    log::info("a list is shown as it was before: {}", why.what);
    return give(request, receiver, *kept, 0);
  }
  // A list that a call needs must fail with what the call fails with: else the person is asked twice.
  const bool signed_out = settings_.can_sign_in && why.code == ErrorCode::unauthenticated;
  if (!signed_out || occasion.interactive || list != mcp::List::tools) return tl::make_unexpected(why);
  note_credential();
  set_offered(true);
  return give(request, receiver, sign_in_list, 0);
}

Result<void> Reception::give(const mcp::Message& request, remote::Receiver& receiver, std::string_view result,
                             long long rest_ms) {
  receiver.on_message(mcp::Message::of(
      mcp::make_result(request.id(), list_result_for(mcp::era_of(request), result, rest_ms))));
  return {};
}

// In this process, to a host of that era.
bool Reception::has_answered(Era host) const {
  return host == Era::modern ? heard_modern_.load() : !handshake_.owed();
}

}  // namespace clickflow::bridge
