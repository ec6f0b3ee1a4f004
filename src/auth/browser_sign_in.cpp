#include "clickflow/auth/browser_sign_in.h"

#include <condition_variable>
#include <thread>
#include <utility>

#include "clickflow/auth/loopback_listener.h"
#include "clickflow/base/log.h"

namespace clickflow::auth {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

milliseconds left(Clock::time_point deadline) {
  return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
}

tl::unexpected<Error> not_waited() {
  return fail(ErrorCode::cancelled, "The sign-in was not waited for.", "");
}

Result<void> result_of(SignInEnd end) {
  switch (end) {
    case SignInEnd::signed_in:
      return {};
    case SignInEnd::declined:
      return fail(ErrorCode::rejected, "The sign-in was declined in the browser.",
                  "Ask again to start it anew.");
    case SignInEnd::no_answer:
      return fail(ErrorCode::rejected, "The sign-in in the browser was not finished in time.",
                  "Ask again to start it anew.");
    case SignInEnd::failed:
      break;
  }
  return fail(ErrorCode::rejected, "The sign-in in the browser failed.", "Ask again to start it anew.");
}

}  // namespace

// The sign-in under way: a tab, the listener that it will come back to, and whoever waits for it.
class BrowserSignIn::Attempt {
 public:
  Attempt(OneTab::Turn turn, std::unique_ptr<LoopbackListener> listener, CodeFlow flow,
          std::chrono::seconds limit)
      : turn_(std::move(turn)),
        listener_(std::move(listener)),
        flow_(std::move(flow)),
        thread_([this, limit] { run(limit); }) {}

  ~Attempt() {
    cancellation_.cancel();
    thread_.join();
  }

  const std::string& link() const { return flow_.link(); }
  bool ended() const {
    std::lock_guard lock(mutex_);
    return result_.has_value();
  }

  // Nothing if it has not ended by then.
  std::optional<Result<void>> wait(Clock::time_point deadline, const Cancellation& cancellation) {
    const Wake wake(cancellation, mutex_, changed_);
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [&] { return result_ || cancellation.cancelled(); });
    return result_;
  }

 private:
  void run(std::chrono::seconds limit) {
    const auto outcome = listener_->wait(limit, cancellation_);
    if (const auto* callback = std::get_if<LoopbackListener::Callback>(&outcome)) {
      const auto tokens = flow_.finish(callback->query.expose(), cancellation_);
      if (tokens) return end(SignInEnd::signed_in, CallbackPage::signed_in, {});
      if (cancellation_.cancelled()) {
        listener_->show(CallbackPage::failed);
        return;
      }
      const bool declined = tokens.error().kind == CallbackFailure::Kind::declined;
      return end(declined ? SignInEnd::declined : SignInEnd::failed,
                 declined ? CallbackPage::declined : CallbackPage::failed,
                 tl::make_unexpected(tokens.error().error));
    }
    // This process ends, and the sign-in is another's to make: the turn goes without an end.
    if (std::holds_alternative<LoopbackListener::Cancelled>(outcome)) return;
    flow_.abandon();
    end(SignInEnd::no_answer, CallbackPage::failed, result_of(SignInEnd::no_answer));
  }

  void end(SignInEnd how, CallbackPage page, Result<void> result) {
    listener_->show(page);
    turn_.end(how);
    listener_->stop();
    if (!result) log::info("the sign-in ended: {}", result.error().what);
    std::lock_guard lock(mutex_);
    result_ = std::move(result);
    changed_.notify_all();
  }

  OneTab::Turn turn_;
  std::unique_ptr<LoopbackListener> listener_;
  const CodeFlow flow_;
  const Cancellation cancellation_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Result<void>> result_;
  std::thread thread_;  // last: it uses all of the above
};

BrowserSignIn::BrowserSignIn(SignInContext context, Browser& browser, OneTab tabs, Settings settings)
    : context_(context), browser_(browser), tabs_(std::move(tabs)), settings_(std::move(settings)) {}

BrowserSignIn::~BrowserSignIn() = default;

Result<void> BrowserSignIn::sign_in(const SignInRequest& request, const std::function<Result<bool>()>& done,
                                    const Occasion& occasion) {
  const auto deadline = Clock::now() + settings_.patience;
  const auto joined = join(request, done, occasion, deadline);
  if (!joined) return tl::make_unexpected(joined.error());
  if (!*joined) return {};
  const auto result = (*joined)->wait(deadline, occasion.cancellation);
  if (result) return *result;
  if (occasion.cancellation.cancelled()) return not_waited();
  return tl::make_unexpected(pending((*joined)->link()));
}

// Nothing where another process has made the sign-in meanwhile.
Result<std::shared_ptr<BrowserSignIn::Attempt>> BrowserSignIn::join(const SignInRequest& request,
                                                                    const std::function<Result<bool>()>& done,
                                                                    const Occasion& occasion,
                                                                    Clock::time_point deadline) {
  const auto pass = gate_.enter(left(deadline), occasion.cancellation);
  if (!pass) {
    if (occasion.cancellation.cancelled()) return not_waited();
    return tl::make_unexpected(pending(tabs_.link()));
  }
  if (auto running = current()) {
    if (occasion.notice) occasion.notice("Sign in to ClickFlow in your browser: " + running->link());
    if (occasion.show_link) occasion.show_link(running->link());
    return running;
  }
  std::optional<Error> unreadable;
  OneTab::Waiting waiting;
  waiting.limit = left(deadline);
  waiting.cancellation = occasion.cancellation;
  waiting.signed_in = [&] {
    const auto is_done = done();
    if (!is_done) unreadable = is_done.error();
    return is_done && *is_done;
  };
  waiting.on_link = [&](const std::string& link) {
    if (occasion.notice) occasion.notice("Sign in to ClickFlow in your browser: " + link);
  };
  auto outcome = tabs_.take_turn(waiting);
  if (!outcome) return tl::make_unexpected(outcome.error());
  if (auto* turn = std::get_if<OneTab::Turn>(&*outcome)) {
    // A keychain that can't be read couldn't keep what the person would sign in for.
    if (unreadable) return tl::make_unexpected(*unreadable);
    return start(std::move(*turn), request, occasion);
  }
  if (const auto* end = std::get_if<SignInEnd>(&*outcome)) {
    if (const auto result = result_of(*end); !result) return tl::make_unexpected(result.error());
    return nullptr;
  }
  if (std::holds_alternative<OneTab::Cancelled>(*outcome)) return not_waited();
  return tl::make_unexpected(pending(tabs_.link()));
}

std::shared_ptr<BrowserSignIn::Attempt> BrowserSignIn::current() const {
  std::lock_guard lock(mutex_);
  return attempt_ && !attempt_->ended() ? attempt_ : nullptr;
}

Result<std::shared_ptr<BrowserSignIn::Attempt>> BrowserSignIn::start(OneTab::Turn turn,
                                                                     const SignInRequest& request,
                                                                     const Occasion& occasion) {
  const std::string state = make_state();
  auto listener = LoopbackListener::start(settings_.callback_port, [state](std::string_view query) {
    return has_state(query, state) ? LoopbackListener::Verdict::accept : LoopbackListener::Verdict::reject;
  });
  if (!listener) return tl::make_unexpected(listener.error());
  auto flow = CodeFlow::start(context_, request, (*listener)->redirect_uri(), state, occasion.cancellation);
  if (!flow) {
    if (flow.error().code != ErrorCode::cancelled) turn.end(SignInEnd::failed);
    return tl::make_unexpected(flow.error());
  }
  const std::string link = flow->link();
  if (auto shown = turn.show(link, settings_.tab_limit); !shown) {
    log::warn("other processes can't be told of the sign-in: {}", shown.error().what);
  }
  auto attempt =
      std::make_shared<Attempt>(std::move(turn), std::move(*listener), std::move(*flow), settings_.tab_limit);
  {
    std::lock_guard lock(mutex_);
    attempt_ = attempt;
  }
  show(link, occasion);
  return attempt;
}

void BrowserSignIn::show(const std::string& link, const Occasion& occasion) {
  if (occasion.notice) occasion.notice("Sign in to ClickFlow in your browser: " + link);
  if (occasion.show_link && occasion.show_link(link)) return;
  if (!settings_.surroundings.browser_reaches_person()) return;
  if (const auto opened = browser_.open(link); !opened) log::warn("{}", opened.error().message());
}

Error BrowserSignIn::pending(const std::optional<std::string>& link) const {
  const auto& identity = context_.store.identity();
  const std::string advice = settings_.surroundings.advice(settings_.callback_port, identity);
  const std::string what = "You are not signed in to ClickFlow yet.";
  if (!link) {
    return {ErrorCode::unauthenticated, what,
            "Run " + identity.command("login") + " in a terminal, then ask again."};
  }
  return {ErrorCode::unauthenticated, what,
          "Open this link in your browser, sign in, and ask again: " + *link +
              (advice.empty() ? "" : " " + advice)};
}

}  // namespace clickflow::auth
