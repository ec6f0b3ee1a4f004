#include "clickflow/sandbox/mcp/subscriptions.h"

#include <nlohmann/json.hpp>

#include "clickflow/sandbox/mcp/modern_results.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t most_subscriptions = 64;

std::string acknowledgement(const Subscriptions::Wanted& wanted) {
  Json honoured = Json::object();
  if (wanted.tools) honoured["toolsListChanged"] = true;
  return subscription_notification(wanted.id, "notifications/subscriptions/acknowledged",
                                   {{"notifications", std::move(honoured)}});
}

}  // namespace

std::shared_ptr<EventReader> Subscriptions::open(const Wanted& wanted) {
  const auto stream = std::make_shared<EventStream>();
  stream->send(acknowledgement(wanted));
  auto reader = stream->read(0);
  std::lock_guard lock(mutex_);
  std::erase_if(subscriptions_, [](const Subscription& old) { return old.stream.expired(); });
  if (stopped_ || subscriptions_.size() >= most_subscriptions) return nullptr;
  subscriptions_.push_back({wanted, stream});
  return reader;
}

void Subscriptions::tools_changed(const std::string& caller) {
  std::lock_guard lock(mutex_);
  for (const auto& [wanted, weak_stream] : subscriptions_) {
    const auto stream = weak_stream.lock();
    if (!stream || !wanted.tools || wanted.keeps_organization || wanted.caller != caller) continue;
    stream->send(subscription_notification(wanted.id, "notifications/tools/list_changed", Json::object()));
  }
}

void Subscriptions::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& [wanted, weak_stream] : subscriptions_) {
    const auto stream = weak_stream.lock();
    if (!stream) continue;
    stream->send(subscription_end(wanted.id));
    stream->close();
  }
}

}  // namespace clickflow::sandbox
