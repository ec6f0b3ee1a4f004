#include "subscription.h"

#include <algorithm>
#include <array>
#include <utility>

#include "clickflow/mcp/capabilities.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"

namespace clickflow::remote {
namespace {

namespace json = mcp::json;

mcp::Message notification(std::string_view method, std::string_view params) {
  return mcp::Message::of(mcp::make_notification(method, params));
}

}  // namespace

void Subscription::begin(std::string sent_as) {
  sent_as_ = std::move(sent_as);
  may_have_missed_ = agreed_.has_value();
  brought_news_ = false;
}

std::vector<mcp::Message> Subscription::take(const mcp::Message& said) {
  if (said.method() == "notifications/cancelled") {
    cancelled_ = cancelled_ || mcp::same_id(said.param("requestId"), sent_as_);
    return {};
  }
  if (said.method() != "notifications/subscriptions/acknowledged") {
    brought_news_ = true;
    return {tagged(said)};
  }
  Filter filter = filter_of(said.param("notifications"));
  std::vector<mcp::Message> news;
  if (agreed_ != filter) news.push_back(tagged(said));
  if (std::exchange(may_have_missed_, false)) {
    auto all = missed(filter);
    std::move(all.begin(), all.end(), std::back_inserter(news));
  }
  agreed_ = std::move(filter);
  return news;
}

mcp::Message Subscription::ended_by(const mcp::Message& answer) const {
  const auto id = json::member(mcp::meta_of(answer.result()), mcp::meta::subscription_id);
  if (!id || *id == request_.id()) return answer;
  return answer.with(*id, request_.id());
}

mcp::Message Subscription::end() const {
  const std::string result =
      mcp::with_meta(R"({"resultType":"complete"})", mcp::meta::subscription_id, request_.id());
  return mcp::Message::of(mcp::make_result(request_.id(), result));
}

Subscription::Filter Subscription::filter_of(std::string_view notifications) {
  Filter filter;
  json::Members entries(notifications);
  while (const auto entry = entries.next()) {
    std::vector<std::string> values;
    json::Elements elements(entry->value);
    while (const auto element = elements.next())
      if (json::is_string(*element)) values.push_back(json::decode(*element));
    if (entry->value == "true") values.emplace_back(entry->value);
    // What is not subscribed to may as well be left out.
    if (values.empty()) continue;
    std::sort(values.begin(), values.end());
    filter.emplace(json::decode(entry->key), std::move(values));
  }
  return filter;
}

std::vector<mcp::Message> Subscription::missed(const Filter& filter) const {
  std::vector<mcp::Message> all;
  for (const auto& change : mcp::list_changes) {
    if (filter.contains(std::string(change.entry))) all.push_back(tagged(notification(change.method, "{}")));
  }
  const auto subscribed = filter.find("resourceSubscriptions");
  if (subscribed == filter.end()) return all;
  for (const auto& uri : subscribed->second)
    all.push_back(
        tagged(notification("notifications/resources/updated", R"({"uri":)" + json::encode(uri) + "}")));
  return all;
}

mcp::Message Subscription::tagged(const mcp::Message& said) const {
  return mcp::with_meta(said, mcp::meta::subscription_id, request_.id());
}

}  // namespace clickflow::remote
