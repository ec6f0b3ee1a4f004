#include "clickflow/bridge/introduction.h"

#include <utility>

#include "clickflow/base/log.h"

namespace clickflow::bridge {
void Introduction::note(const mcp::Message& said, mcp::Era server) {
  Cancellation last;
  {
    std::lock_guard lock(mutex_);
    host_.note(said);
    if (said.method() == "initialize") told_ = server;
    if (said.method() != "notifications/initialized") return;
    last = made_.over;
    made_ = {made_.number + 1, server};
    changed_.notify_all();
  }
  last.cancel();
}

Result<void> Introduction::repeat(mcp::Era server, const auth::Occasion& occasion) {
  return repeating_.run(
      occasion, [&] { return is_news_to(server); }, [&] { return tell_anew(server, occasion); });
}

bool Introduction::is_news_to(mcp::Era server) const {
  std::lock_guard lock(mutex_);
  return host_.initialize() && told_ != server;
}

Result<void> Introduction::tell_anew(mcp::Era server, const auth::Occasion& occasion) {
  remote::HostState host;
  {
    std::lock_guard lock(mutex_);
    host = host_;
  }
  log::info("the host's handshake is made anew, with a server that speaks otherwise than before");
  remote::Answer answer;
  if (auto sent = way_(server).send(*host.initialize(), answer, occasion); !sent) return sent;
  if (!answer.response || answer.response->result().empty())
    return fail(ErrorCode::rejected,
                "The server speaks another revision of MCP than it did, and does not take part in a session.",
                "Restart the assistant.");
  if (host.initialized()) {
    if (auto sent = way_(server).send(*host.initialized(), answer, occasion); !sent) return sent;
    note(*host.initialized(), server);
    for (const auto& request : host.requests()) set_again(request, server, occasion);
  }
  std::lock_guard lock(mutex_);
  told_ = server;
  return {};
}

// What can't be set again is the host's loss only.
void Introduction::set_again(const mcp::Message& request, mcp::Era server, const auth::Occasion& occasion) {
  remote::Answer answer;
  const auto sent = way_(server).send(request, answer, occasion);
  if (!sent || !answer.response || answer.response->result().empty())
    log::warn("{} could not be set again at a server that speaks otherwise", request.method());
}

std::optional<Introduction::Made> Introduction::wait(unsigned seen, const Cancellation& cancellation) {
  const Wake wake(cancellation, mutex_, changed_);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return made_.number != seen || cancellation.cancelled(); });
  if (cancellation.cancelled()) return {};
  return made_;
}

}  // namespace clickflow::bridge
