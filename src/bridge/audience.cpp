#include "clickflow/bridge/audience.h"

#include <algorithm>

#include "clickflow/base/at_end.h"
#include "clickflow/mcp/capabilities.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;

mcp::Message notification(std::string_view method) {
  return mcp::Message::of(mcp::make_notification(method));
}

}  // namespace

struct Audience::Member::State {
  remote::Receiver& receiver;
  const std::string subscription;         // empty for a legacy host
  std::set<std::string_view> wants = {};  // filters' names
  bool begun = false;
  int tellers = 0;

  bool hears(std::string_view method) const {
    if (subscription.empty()) return true;
    return std::any_of(mcp::list_changes.begin(), mcp::list_changes.end(), [&](const auto& change) {
      return change.method == method && wants.contains(change.entry);
    });
  }
  void tell(std::string_view method) const {
    const auto plain = notification(method);
    receiver.on_message(
        subscription.empty() ? plain : mcp::with_meta(plain, mcp::meta::subscription_id, subscription));
  }
};

Audience::Member::Member(Audience& audience, remote::Receiver& receiver)
    : audience_(audience), state_(new State{receiver, {}}) {
  std::lock_guard lock(audience_.mutex_);
  audience_.members_.push_back(state_);
}

Audience::Member::Member(Audience& audience, remote::Receiver& receiver, std::string_view subscription,
                         std::string_view filter)
    : audience_(audience), state_(new State{receiver, std::string(subscription)}) {
  for (const auto& change : mcp::list_changes)
    if (json::member(filter, change.entry) == "true") state_->wants.insert(change.entry);
  std::lock_guard lock(audience_.mutex_);
  audience_.members_.push_back(state_);
}

Audience::Member::~Member() {
  std::unique_lock lock(audience_.mutex_);
  std::erase(audience_.members_, state_);
  audience_.left_.wait(lock, [this] { return state_->tellers == 0; });
}

void Audience::Member::begin() {
  std::vector<std::string> missed;
  {
    std::lock_guard lock(audience_.mutex_);
    state_->begun = true;
    for (const auto& method : audience_.untold_)
      if (state_->hears(method)) missed.push_back(method);
    for (const auto& method : missed) audience_.untold_.erase(method);
  }
  for (const auto& method : missed) state_->tell(method);
}

std::string Audience::Member::list_filter() const {
  std::string filter = "{";
  for (const auto name : state_->wants)
    filter.append(filter.size() > 1 ? "," : "").append(json::encode(name)).append(":true");
  return filter + '}';
}

void Audience::Member::tell_all() {
  for (const auto& change : mcp::list_changes)
    if (state_->wants.contains(change.entry)) state_->tell(change.method);
}

// Those who hear that method, or all. A member that is being told something stays until that is done.
std::vector<std::shared_ptr<Audience::Member::State>> Audience::enter(std::string_view method) {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Member::State>> present;
  for (const auto& member : members_) {
    if (!member->begun || (!method.empty() && !member->hears(method))) continue;
    ++member->tellers;
    present.push_back(member);
  }
  if (present.empty() && !method.empty()) untold_.emplace(method);
  return present;
}

void Audience::leave(const std::vector<std::shared_ptr<Member::State>>& members) {
  std::lock_guard lock(mutex_);
  for (const auto& member : members) --member->tellers;
  left_.notify_all();
}

void Audience::tell(std::string_view method) {
  const auto present = enter(method);
  const AtEnd told([&] { leave(present); });
  for (const auto& member : present) member->tell(method);
}

void Audience::pass(const mcp::Message& message) {
  const auto present = enter();
  const AtEnd told([&] { leave(present); });
  for (const auto& member : present)
    if (member->subscription.empty()) member->receiver.on_message(message);
}

}  // namespace clickflow::bridge
