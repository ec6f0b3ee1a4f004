#include "legacy_call.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "clickflow/base/log.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "translation.h"

namespace clickflow::bridge::modern_host {
namespace {

namespace json = mcp::json;

// Of what the server says while nobody converses; what comes then is dropped.
constexpr size_t most_kept = 64;
// A server that asks more than this at once is not asking anybody.
constexpr size_t most_open = 100;

}  // namespace

LegacyCall::LegacyCall(SessionPool::Lease session, Places::Place place, const HostRequest& host)
    : place_(std::move(place)),
      session_(std::move(session)),
      request_(legacy_request(host.request(), session_->new_id())),
      remote_id_(request_.id()),
      progress_token_(host.progress_token()),
      interactive_(host.occasion().interactive),
      capabilities_(host.capabilities()) {}

template <class Wanted>
std::vector<LegacyCall::Open> LegacyCall::take_open(Wanted wanted) {
  std::lock_guard lock(mutex_);
  const auto first =
      std::stable_partition(open_.begin(), open_.end(), [&](const Open& open) { return !wanted(open); });
  std::vector<Open> taken(std::make_move_iterator(first), std::make_move_iterator(open_.end()));
  open_.erase(first, open_.end());
  return taken;
}

void LegacyCall::start() {
  thread_ = std::thread([this] { run(); });
}

void LegacyCall::run() {
  // The host's own occasion is gone when its request is; what is asked for then, nobody answers.
  auth::Occasion occasion{cancellation_, interactive_};
  occasion.notice = [this](std::string_view text) {
    hand_over(
        [text = std::string(text)](const HostRequest& host) {
          if (host.occasion().notice) host.occasion().notice(text);
        },
        false, true);
  };
  occasion.show_link = [this](const std::string& link) {
    const auto shown = std::make_shared<bool>(false);
    hand_over(
        [shown, link](const HostRequest& host) {
          *shown = host.occasion().show_link && host.occasion().show_link(link);
        },
        false, true);
    return *shown;
  };
  session_->enter(*this);
  Result<void> sent;
  try {
    sent = session_->send(request_, *this, occasion);
  } catch (const std::exception& failure) {
    sent = fail(ErrorCode::system,
                "This program could not finish the request (" + std::string(failure.what()) +
                    "); whether it was carried out is not known.",
                "Look at the result in ClickFlow before you try again.");
  }
  session_->leave(*this);
  std::lock_guard lock(mutex_);
  if (!outcome_) {
    outcome_ = tl::make_unexpected(
        sent ? Error{ErrorCode::protocol, "The server gave no answer.", "Tell whoever runs the server."}
             : sent.error());
  }
  changed_.notify_all();
}

LegacyCall::Turn LegacyCall::converse(const HostRequest& host, const Pace& pace) {
  const auto& cancellation = host.occasion().cancellation;
  const Wake wake(cancellation, mutex_, changed_);
  std::optional<std::chrono::steady_clock::time_point> gathered;
  std::unique_lock lock(mutex_);
  capabilities_ = host.capabilities();
  attached_ = true;
  const auto settled = [&] { return !items_.empty() || outcome_ || cancellation.cancelled(); };
  for (;;) {
    if (open_.empty()) {
      gathered.reset();
      changed_.wait(lock, [&] { return settled() || !open_.empty(); });
    } else {
      if (!gathered) gathered = std::chrono::steady_clock::now() + pace.gather_time;
      changed_.wait_until(lock, *gathered, settled);
    }
    if (cancellation.cancelled()) return Error{ErrorCode::cancelled, "The request was cancelled.", ""};
    if (!items_.empty()) {
      const auto item = std::move(items_.front());
      items_.pop_front();
      lock.unlock();
      item(host);
      lock.lock();
      ++taken_;
      changed_.notify_all();
    } else if (outcome_) {
      if (!*outcome_) return outcome_->error();
      return std::move(**outcome_);
    } else if (!open_.empty() && gathered && std::chrono::steady_clock::now() >= *gathered) {
      if (pace.may_ask) break;
      lock.unlock();
      refuse_open("The host has been asked too often for this request.");
      lock.lock();
    }
  }
  attached_ = false;
  changed_.notify_all();
  return Asks{input_requests()};
}

Result<void> LegacyCall::answer(std::string_view responses, const HostRequest& host) {
  const auto& cancellation = host.occasion().cancellation;
  {
    std::lock_guard lock(mutex_);
    capabilities_ = host.capabilities();  // what the answers lead to goes by these
  }
  Result<void> sent;
  for (auto& each : take_open([&](const Open& open) { return json::member(responses, open.key); })) {
    if (cancellation.cancelled()) {
      std::lock_guard lock(mutex_);
      open_.push_back(std::move(each));
      continue;
    }
    const auto told = session_->tell(mcp::make_result(each.question.id, *json::member(responses, each.key)),
                                     host.occasion());
    if (told) continue;
    if (told.error().code != ErrorCode::cancelled)
      log::warn("an answer did not reach the server: {}", told.error().what);
    if (sent) sent = told;
  }
  const auto refusal = [&](const Open& open) {
    return modern_host::refuse(host.capabilities(), open.question);
  };
  for (const auto& each : take_open(refusal)) refuse(each.question, *refusal(each));
  std::lock_guard lock(mutex_);
  return outcome_ ? Result<void>() : sent;
}

void LegacyCall::on_message(mcp::Message said) {
  if (said.is_response()) {
    std::lock_guard lock(mutex_);
    outcome_ = std::move(said);
    changed_.notify_all();
  } else if (said.is_request()) {
    if (!session_->take(said)) on_question(said);
  } else if (said.method() == "notifications/cancelled") {
    on_withdrawal(said);
  } else if (!session_->take(said)) {
    hand_over([said = std::move(said)](const HostRequest& host) { host.pass(said); }, true, true);
  }
}

void LegacyCall::on_stray(const mcp::Message& said) {
  if (said.is_request()) return on_question(said);
  if (said.method() == "notifications/cancelled") return on_withdrawal(said);
  if (said.method() != "notifications/progress" && said.method() != "notifications/message") return;
  hand_over([said](const HostRequest& host) { host.pass(said); }, true, false);
}

bool LegacyCall::has_progress_token(std::string_view token) const {
  return !progress_token_.empty() && mcp::same_id(progress_token_, token);
}

void LegacyCall::on_question(const mcp::Message& request) {
  Question question = question_of(request);
  std::optional<Refusal> refusal;
  {
    std::lock_guard lock(mutex_);
    refusal = modern_host::refuse(capabilities_, question);
    if (!refusal && (outcome_ || over_)) {
      refusal = {mcp::internal_error, "The request that this is about has ended."};
    } else if (!refusal && open_.size() >= most_open) {
      refusal = {mcp::internal_error, "Too much is asked at once."};
    } else if (!refusal) {
      open_.push_back({"q" + std::to_string(++questions_), std::move(question)});
      changed_.notify_all();
    }
  }
  if (refusal) refuse(question, *refusal);
}

// The server wants an answer no more.
void LegacyCall::on_withdrawal(const mcp::Message& cancelled) {
  const auto id = cancelled.param("requestId");
  std::lock_guard lock(mutex_);
  std::erase_if(open_, [&](const Open& open) { return mcp::same_id(open.question.id, id); });
}

// Waits until the host's thread has taken it, so that a host that reads slowly slows the server down.
void LegacyCall::hand_over(Item item, bool keep, bool wait) {
  std::unique_lock lock(mutex_);
  if (over_ || (!attached_ && !keep)) return;
  if (items_.size() >= most_kept)
    return log::debug("what the server says is dropped: the host takes no more");
  items_.push_back(std::move(item));
  const size_t number = ++added_;
  changed_.notify_all();
  if (wait) changed_.wait(lock, [&] { return taken_ >= number || !attached_ || over_; });
}

void LegacyCall::refuse(const Question& question, const Refusal& why) {
  session_->tell(mcp::make_error(question.id, why.code, why.what));
}

void LegacyCall::refuse_open(std::string_view why) {
  for (const auto& open : take_open([](const Open&) { return true; }))
    refuse(open.question, {mcp::internal_error, std::string(why)});
}

std::string LegacyCall::input_requests() const {
  json::ObjectText inputs;
  for (const auto& open : open_) inputs.add(open.key, input_request(open.question));
  return inputs.text();
}

void LegacyCall::end(Farewell farewell) {
  bool answered = false;  // by the server: it may go on with a call that failed on its way
  {
    std::lock_guard lock(mutex_);
    over_ = true;
    answered = outcome_ && outcome_->has_value();
    changed_.notify_all();
  }
  if (!answered && farewell == Farewell::cancel) session_->cancel(remote_id_);
  if (farewell != Farewell::silent) refuse_open("The request that this is about was given up.");
  // What was answered is about to return by itself, and leaves a connection that can be used again.
  if (!answered) cancellation_.cancel();
  if (thread_.joinable()) thread_.join();
}

void LegacyCall::abandon() {
  {
    std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  cancellation_.cancel();
}

}  // namespace clickflow::bridge::modern_host
