#include "support/scripted_client.h"

#include <utility>

namespace clickflow::testing {

Played Played::json(std::string body, http::Headers more) {
  more.add("Content-Type", "application/json");
  return {200, std::move(more), {std::move(body)}, {}};
}

Played Played::stream(std::vector<std::string> pieces) {
  return {200, {{"Content-Type", "text/event-stream"}}, std::move(pieces), {}};
}

Played Played::with(std::string name, std::string value) && {
  headers.set(std::move(name), std::move(value));
  return std::move(*this);
}

Played Played::then(ErrorCode code) && {
  failure = Error{code, "It broke.", "Mend it."};
  return std::move(*this);
}

std::string sse_event(const std::string& data, const std::string& id) {
  return (id.empty() ? "" : "id: " + id + "\n") + "data: " + data + "\n\n";
}

Result<void> ScriptedClient::send(const http::Request& request, http::Receiver& receiver,
                                  const Cancellation& cancellation) {
  {
    std::lock_guard lock(mutex_);
    requests_.push_back(request);
    changed_.notify_all();
  }
  const auto gone = fail(ErrorCode::cancelled, "The request was cancelled.", "");
  if (cancellation.cancelled()) return gone;
  const Played played = handler_(request, cancellation);
  if (played.status != 0) {
    if (!receiver.on_head({played.status, played.headers})) return gone;
    for (const auto& piece : played.pieces) {
      if (cancellation.cancelled()) return gone;
      const auto next = receiver.on_body(piece);
      if (next == http::Next::enough) return {};
      if (next == http::Next::stop) return gone;
    }
  }
  if (played.failure) return tl::make_unexpected(*played.failure);
  return {};
}

std::vector<http::Request> ScriptedClient::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

bool ScriptedClient::wait_for_requests(size_t count, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return requests_.size() >= count; });
}

}  // namespace clickflow::testing
