#include "clickflow/auth/loopback_listener.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>

#include "callback_server.h"
#include "clickflow/base/log.h"

namespace clickflow::auth {
namespace {

using loopback_socket::Failure;
using loopback_socket::Family;

constexpr std::string_view path = "/callback";
// Longer than a token request commonly takes, shorter than a person's patience with a blank tab.
constexpr auto page_limit = std::chrono::seconds(15);

Answer wrong_hit(int status) {
  log::debug("a request to the sign-in's callback address was not the sign-in's answer ({})", status);
  return {status, html(CallbackPage::wrong_hit)};
}

Error not_listening(Failure failure, uint16_t port) {
  const std::string address = "Port " + std::to_string(port) + " on 127.0.0.1";
  const std::string other = "Choose another with --callback-port, or leave that out and a free one is found.";
  if (port != 0 && failure == Failure::in_use) {
    return {ErrorCode::invalid_input, address + " is used by another program.", other};
  }
  if (port != 0 && failure == Failure::not_permitted) {
    return {ErrorCode::invalid_input, address + " may be used by an administrator only.", other};
  }
  return {ErrorCode::system, "The operating system doesn't let this program listen on 127.0.0.1 or ::1.",
          "Sign in with --no-browser, which needs no port."};
}

}  // namespace

struct LoopbackListener::State {
  State(const loopback_socket::Listening& listening, Family family, Decide decide_)
      : decide(std::move(decide_)), port(listening.port) {
    host = family == Family::ipv4 ? "127.0.0.1" : "[::1]";
    if (port != 80) host += ":" + std::to_string(port);  // a browser leaves the scheme's default out
    redirect_uri = "http://" + host;
    redirect_uri += path;
    server.emplace(listening, [this](const Hit& hit) { return on_hit(hit); });
  }

  Answer on_hit(const Hit& hit) {
    if (hit.host != host) return wrong_hit(400);
    const size_t question = hit.target.find('?');
    if (std::string_view(hit.target).substr(0, question) != path) return wrong_hit(404);
    if (hit.method != "GET") return wrong_hit(405);
    if (hit.has_body) return wrong_hit(400);

    std::unique_lock lock(mutex);
    const auto sent = question == std::string::npos ? "" : std::string_view(hit.target).substr(question + 1);
    if (!accepts(sent)) return wrong_hit(400);
    if (!query) {
      query = Secret(std::string(sent));
      changed.notify_all();
    }
    changed.wait_for(lock, page_limit, [this] { return page || stopping; });
    return {200, html(page.value_or(CallbackPage::received))};
  }

  bool accepts(std::string_view sent) const {
    try {
      return decide(sent) == Verdict::accept;
    } catch (...) {  // cpp-httplib has nothing to catch it with
      return false;
    }
  }

  const Decide decide;
  const uint16_t port;
  std::string host;
  std::string redirect_uri;

  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Secret> query;
  std::optional<CallbackPage> page;
  bool stopping = false;

  std::mutex stop_mutex;
  std::optional<CallbackServer> server;  // last: its threads use all of the above
};

Result<std::unique_ptr<LoopbackListener>> LoopbackListener::start(uint16_t port, Decide decide) {
  auto family = Family::ipv4;
  auto listening = loopback_socket::listen(family, port);
  if (!listening && listening.error() == Failure::no_such_family) {
    family = Family::ipv6;
    listening = loopback_socket::listen(family, port);
  }
  if (!listening) return tl::make_unexpected(not_listening(listening.error(), port));
  try {
    return std::unique_ptr<LoopbackListener>(
        new LoopbackListener(std::make_unique<State>(*listening, family, std::move(decide))));
  } catch (const std::system_error&) {  // no more threads
    loopback_socket::close(listening->handle);
    return tl::make_unexpected(not_listening(Failure::other, 0));
  }
}

LoopbackListener::LoopbackListener(std::unique_ptr<State> state) : state_(std::move(state)) {}

LoopbackListener::~LoopbackListener() {
  stop();
}

const std::string& LoopbackListener::redirect_uri() const {
  return state_->redirect_uri;
}

uint16_t LoopbackListener::port() const {
  return state_->port;
}

LoopbackListener::Outcome LoopbackListener::wait(std::chrono::milliseconds limit,
                                                 const Cancellation& cancellation) {
  const Wake wake(cancellation, state_->mutex, state_->changed);
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, limit,
                           [&] { return state_->query || state_->stopping || cancellation.cancelled(); });
  if (state_->query) return Callback{*state_->query};
  if (state_->stopping || cancellation.cancelled()) return Cancelled{};
  return TimedOut{};
}

void LoopbackListener::show(CallbackPage page) {
  std::lock_guard lock(state_->mutex);
  if (!state_->page) state_->page = page;
  state_->changed.notify_all();
}

void LoopbackListener::stop() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
  }
  std::lock_guard lock(state_->stop_mutex);
  state_->server->stop();
}

}  // namespace clickflow::auth
