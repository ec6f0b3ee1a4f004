#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clickflow/mcp/message.h"

namespace clickflow::remote {

/// A `subscriptions/listen` of the host's, which outlives the streams that carry it in turn (2026-07-28,
/// "Subscriptions"): the host sees one subscription, under its own id. One thread at a time.
class Subscription {
 public:
  /// `request` outlives this object.
  explicit Subscription(const mcp::Message& request) : request_(request) {}

  /// A stream is opened, with this id (JSON) for the request.
  void begin(std::string sent_as);

  /// A notification of the stream's, as the host shall see it. One may become none, where it tells the host
  /// nothing new, or several: the first after a new stream's beginning tells of all that may have been
  /// missed.
  std::vector<mcp::Message> take(const mcp::Message& notification);

  /// The answer that ends it, with the host's id in it.
  mcp::Message ended_by(const mcp::Message& answer) const;

  /// The server has said that it ends it, in a notification: this stands for its answer then.
  bool cancelled() const { return cancelled_; }
  mcp::Message end() const;

  /// The stream has said something beside that it is there.
  bool brought_news() const { return brought_news_; }

 private:
  /// What was agreed on, by its name: some URIs, say, in an order of ours; or "true".
  using Filter = std::map<std::string, std::vector<std::string>>;
  static Filter filter_of(std::string_view notifications);
  std::vector<mcp::Message> missed(const Filter& filter) const;
  mcp::Message tagged(const mcp::Message& notification) const;

  const mcp::Message& request_;
  std::string sent_as_;
  std::optional<Filter> agreed_;
  bool may_have_missed_ = false;
  bool brought_news_ = false;
  bool cancelled_ = false;
};

}  // namespace clickflow::remote
