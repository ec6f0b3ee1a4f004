#include "clickflow/bridge/calls.h"

#include <algorithm>

#include "clickflow/mcp/json.h"

namespace clickflow::bridge {

std::shared_ptr<Call> Calls::begin(const mcp::Message& request, mcp::Era era, std::shared_ptr<Gate> opens) {
  auto call = std::make_shared<Call>();
  call->id = request.id();
  call->method = request.method();
  call->era = era;
  call->opens = std::move(opens);
  std::lock_guard lock(mutex_);
  const bool is_new = calls_.emplace(mcp::id_key(request.id()), call).second;
  return is_new ? call : nullptr;
}

bool Calls::is_in_flight(std::string_view id) const {
  std::lock_guard lock(mutex_);
  return calls_.contains(mcp::id_key(id));
}

bool Calls::take(const Call& call) {
  std::lock_guard lock(mutex_);
  const auto found = calls_.find(mcp::id_key(call.id));
  if (found == calls_.end() || found->second.get() != &call) return false;
  calls_.erase(found);
  changed_.notify_all();
  return true;
}

std::shared_ptr<Call> Calls::take(std::string_view id) {
  if (!mcp::json::is_string(id) && !mcp::json::is_number(id)) return nullptr;
  std::lock_guard lock(mutex_);
  const auto found = calls_.find(mcp::id_key(id));
  if (found == calls_.end()) return nullptr;
  auto call = std::move(found->second);
  calls_.erase(found);
  changed_.notify_all();
  return call;
}

void Calls::cancel_all() {
  std::map<std::string, std::shared_ptr<Call>> calls;
  {
    std::lock_guard lock(mutex_);
    calls.swap(calls_);
    changed_.notify_all();
  }
  for (const auto& [key, call] : calls) call->cancellation.cancel();
}

bool Calls::wait_until_none(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] {
    return std::all_of(calls_.begin(), calls_.end(),
                       [](const auto& each) { return each.second->method == "subscriptions/listen"; });
  });
}

}  // namespace clickflow::bridge
