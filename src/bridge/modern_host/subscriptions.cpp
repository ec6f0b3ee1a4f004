#include "subscriptions.h"

#include <algorithm>
#include <optional>

#include "clickflow/base/at_end.h"
#include "clickflow/base/log.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/request_meta.h"

namespace clickflow::bridge::modern_host {
namespace {

namespace json = mcp::json;

// Of changes that a host has not taken yet: beyond it they are dropped.
constexpr size_t most_waiting = 1000;

bool is_true(std::string_view object, std::string_view name) {
  return json::member(object, name) == "true";
}

bool declares(std::string_view capabilities, std::string_view feature, std::string_view what) {
  return is_true(json::member(capabilities, feature).value_or(""), what);
}

// A server may tell of a part of what was subscribed to (2025-11-25, ResourceUpdatedNotification).
bool is_part_of(std::string_view uri, std::string_view whole) {
  if (!uri.starts_with(whole)) return false;
  if (uri.size() == whole.size() || whole.ends_with('/')) return true;
  return std::string_view("/?#").find(uri[whole.size()]) != std::string_view::npos;
}

mcp::Message tagged(const mcp::Message& change, std::string_view subscription) {
  return mcp::with_meta(change, mcp::meta::subscription_id, subscription);
}

}  // namespace

ChangeFilter ChangeFilter::of(std::string_view filter) {
  ChangeFilter result{is_true(filter, "toolsListChanged"),
                      is_true(filter, "promptsListChanged"),
                      is_true(filter, "resourcesListChanged"),
                      {}};
  json::Elements uris(json::member(filter, "resourceSubscriptions").value_or(""));
  while (const auto uri = uris.next()) {
    if (!json::is_string(*uri)) continue;
    const bool known = std::any_of(result.uris.begin(), result.uris.end(),
                                   [&](const auto& other) { return json::says(*uri, json::decode(other)); });
    if (!known) result.uris.emplace_back(*uri);
  }
  return result;
}

ChangeFilter ChangeFilter::offered_by(std::string_view capabilities) const {
  ChangeFilter offered;
  offered.tools = tools && declares(capabilities, "tools", "listChanged");
  offered.prompts = prompts && declares(capabilities, "prompts", "listChanged");
  offered.resources = resources && declares(capabilities, "resources", "listChanged");
  if (declares(capabilities, "resources", "subscribe")) offered.uris = uris;
  return offered;
}

bool ChangeFilter::takes(const mcp::Message& change) const {
  if (change.method() == "notifications/tools/list_changed") return tools;
  if (change.method() == "notifications/prompts/list_changed") return prompts;
  if (change.method() == "notifications/resources/list_changed") return resources;
  const auto uri = change.param("uri");
  if (change.method() != "notifications/resources/updated" || !json::is_string(uri)) return false;
  const std::string changed = json::decode(uri);
  return std::any_of(uris.begin(), uris.end(),
                     [&](const auto& whole) { return is_part_of(changed, json::decode(whole)); });
}

std::string ChangeFilter::text() const {
  json::ObjectText text;
  if (tools) text.add("toolsListChanged", "true");
  if (prompts) text.add("promptsListChanged", "true");
  if (resources) text.add("resourcesListChanged", "true");
  std::string list;
  for (const auto& uri : uris) list.append(list.empty() ? "[" : ",").append(uri);
  if (!list.empty()) text.add("resourceSubscriptions", list + ']');
  return text.text();
}

Result<void> Subscriptions::serve(const HostRequest& host, std::string_view capabilities,
                                  const Cancellation& closing, const WatchedResources::Tell& tell) {
  Subscription subscription{ChangeFilter::of(host.request().param("notifications")).offered_by(capabilities),
                            {}};
  const auto uris = std::exchange(subscription.filter.uris, {});
  {
    std::lock_guard lock(mutex_);
    subscriptions_.push_back(&subscription);
  }
  std::optional<AtEnd> served(std::in_place, [&] {
    {
      std::lock_guard lock(mutex_);
      subscriptions_.remove(&subscription);
    }
    for (const auto& uri : subscription.filter.uris) resources_.release(uri, tell);
  });
  const auto& cancellation = host.occasion().cancellation;
  watch(subscription, uris, tell, cancellation);
  const std::string_view id = host.request().id();
  if (!cancellation.cancelled()) {
    const auto agreed =
        mcp::Message::of(mcp::make_notification("notifications/subscriptions/acknowledged",
                                                "{\"notifications\":" + subscription.filter.text() + "}"));
    host.pass(tagged(agreed, id));
    deliver(subscription, host, closing);
  }
  served.reset();
  if (!closing.cancelled()) return fail(ErrorCode::cancelled, "The subscription was cancelled.", "");
  host.result(mcp::with_meta(R"({"resultType":"complete"})", mcp::meta::subscription_id, id));
  return {};
}

// One by one, since a server takes them so; those that it refuses are left out of what is acknowledged.
void Subscriptions::watch(Subscription& subscription, const std::vector<std::string>& uris,
                          const WatchedResources::Tell& tell, const Cancellation& cancellation) {
  for (const auto& uri : uris) {
    if (cancellation.cancelled()) return;
    if (!resources_.watch(uri, tell, cancellation)) continue;
    std::lock_guard lock(mutex_);
    subscription.filter.uris.push_back(uri);
  }
}

void Subscriptions::deliver(Subscription& subscription, const HostRequest& host,
                            const Cancellation& closing) {
  const auto& cancellation = host.occasion().cancellation;
  const Wake wake(cancellation, mutex_, changed_), wake_at_end(closing, mutex_, changed_);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] {
      return !subscription.changes.empty() || cancellation.cancelled() || closing.cancelled();
    });
    if (cancellation.cancelled() || closing.cancelled()) return;
    const auto change = mcp::Message::of(std::move(subscription.changes.front()));
    subscription.changes.pop_front();
    lock.unlock();
    host.pass(tagged(change, host.request().id()));
    lock.lock();
  }
}

void Subscriptions::on_change(const mcp::Message& change) {
  std::lock_guard lock(mutex_);
  for (auto* subscription : subscriptions_) {
    auto& waiting = subscription->changes;
    if (!subscription->filter.takes(change)) continue;
    // Told twice before it was heard once, it says no more than once.
    if (std::find(waiting.begin(), waiting.end(), change.text()) != waiting.end()) continue;
    if (waiting.size() >= most_waiting) {
      log::warn("the host takes no more changes; one is dropped");
      continue;
    }
    waiting.push_back(change.text());
  }
  changed_.notify_all();
}

}  // namespace clickflow::bridge::modern_host
