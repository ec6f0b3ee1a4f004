#include "support/scripted_remote.h"

#include "support/messages.h"

namespace clickflow::testing {

void ScriptedRemote::answer(const std::string& method, std::string result) {
  on(method,
     [result = std::move(result)](const mcp::Message& message, remote::Receiver& receiver,
                                  const auth::Occasion&) -> Result<void> {
       receiver.on_message(response_to(message, result));
       return {};
     });
}

Result<void> ScriptedRemote::send(const mcp::Message& message, remote::Receiver& receiver,
                                  const auth::Occasion& occasion) {
  {
    std::lock_guard lock(mutex_);
    sent_.push_back(message.text());
    ++counts_[message.method()];
    changed_.notify_all();
  }
  if (const auto handler = handlers_.find(message.method()); handler != handlers_.end())
    return handler->second(message, receiver, occasion);
  if (message.is_request()) receiver.on_message(response_to(message));
  return {};
}

void ScriptedRemote::listen(remote::Receiver& receiver, const Cancellation& cancellation) {
  {
    std::lock_guard lock(mutex_);
    ++listening_;
    changed_.notify_all();
  }
  if (listen_) return listen_(receiver, cancellation);
  while (cancellation.sleep(60'000)) continue;
}

void ScriptedRemote::close(std::chrono::milliseconds) {
  std::lock_guard lock(mutex_);
  sent_.emplace_back("close");
}

std::vector<std::string> ScriptedRemote::sent() const {
  std::lock_guard lock(mutex_);
  return sent_;
}

size_t ScriptedRemote::count(const std::string& method) const {
  std::lock_guard lock(mutex_);
  const auto found = counts_.find(method);
  return found == counts_.end() ? 0 : found->second;
}

bool ScriptedRemote::wait_for_count(const std::string& method, size_t count,
                                    std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return counts_[method] >= count; });
}

int ScriptedRemote::listening() const {
  std::lock_guard lock(mutex_);
  return listening_;
}

}  // namespace clickflow::testing
