#include "clickflow/sandbox/roadmap.h"

#include <algorithm>
#include <iterator>

#include "clickflow/sandbox/random.h"

namespace clickflow::sandbox {

Roadmap::Roadmap() {
  const auto begin_with = [this](const char* organization, const char* keyword, const char* status,
                                 const char* title) {
    RoadmapItem item;
    item.organization = organization;
    item.keyword = keyword;
    item.status = status;
    item.title = title;
    add(std::move(item));
  };
  begin_with("org_abc123", "cold brew ratio", "ready for review", "Cold brew ratio: what to know");
  begin_with("org_abc123", "espresso grind size", "approved", "Espresso grind size: what to know");
  begin_with("org_abc123", "pour over kettle", "drafted", "The best pour over kettles");
  begin_with("org_xyz789", "ultralight tents", "scheduled", "Ultralight tents: what to know");
}

std::string Roadmap::add(RoadmapItem item) {
  item.id = "ri_" + random_text(10);
  std::lock_guard lock(mutex_);
  items_.push_back(std::move(item));
  return items_.back().id;
}

std::vector<RoadmapItem> Roadmap::list(std::string_view organization) const {
  std::vector<RoadmapItem> found;
  std::lock_guard lock(mutex_);
  std::copy_if(items_.begin(), items_.end(), std::back_inserter(found),
               [&](const RoadmapItem& item) { return item.organization == organization; });
  return found;
}

std::optional<RoadmapItem> Roadmap::find(std::string_view organization, std::string_view id) const {
  std::lock_guard lock(mutex_);
  const auto found = std::find_if(items_.begin(), items_.end(), [&](const RoadmapItem& item) {
    return item.id == id && item.organization == organization;
  });
  return found == items_.end() ? std::nullopt : std::optional(*found);
}

}  // namespace clickflow::sandbox
