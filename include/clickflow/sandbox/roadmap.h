#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clickflow::sandbox {

struct RoadmapItem {
  std::string id;  ///< ri_…
  std::string organization;
  std::string keyword;
  std::string status;  ///< one of item_statuses(), or "In Progress" while it is drafted
  std::string title;
  std::string workflow_id;  ///< empty as long as none was started
  std::string strategy;
  std::string scheduled_date;
  bool goes_to_cms = false;
};

/// What an organization plans to publish. In memory: a new process begins with the same few items. Any thread
/// may call anything.
class Roadmap {
 public:
  Roadmap();

  /// Gives it an id, which is returned.
  std::string add(RoadmapItem item);
  std::vector<RoadmapItem> list(std::string_view organization) const;
  /// Nothing where that organization has no such item.
  std::optional<RoadmapItem> find(std::string_view organization, std::string_view id) const;

 private:
  mutable std::mutex mutex_;
  std::vector<RoadmapItem> items_;
};

}  // namespace clickflow::sandbox
