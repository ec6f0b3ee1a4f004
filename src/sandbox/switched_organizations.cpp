#include "clickflow/sandbox/switched_organizations.h"

#include <utility>

namespace clickflow::sandbox {

SwitchedOrganizations::SwitchedOrganizations(Told told) : told_(std::move(told)) {}

std::string SwitchedOrganizations::of(const Caller& caller) const {
  std::lock_guard lock(mutex_);
  const auto found = organizations_.find(caller.id);
  return found == organizations_.end() ? "" : found->second;
}

void SwitchedOrganizations::switch_to(const Caller& caller, const std::string& organization) {
  std::string before;
  {
    std::lock_guard lock(mutex_);
    before = std::exchange(organizations_[caller.id], organization);
  }
  if (told_) told_(caller, before.empty() ? caller.organization : before, organization);
}

}  // namespace clickflow::sandbox
