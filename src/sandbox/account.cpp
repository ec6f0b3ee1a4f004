#include "clickflow/sandbox/account.h"

#include <algorithm>

namespace clickflow::sandbox {

const std::vector<Organization>& organizations() {
  static const std::vector<Organization> all{{"org_abc123", "Northwind Coffee", "northwind.example"},
                                             {"org_xyz789", "Fabrikam Outdoors", "fabrikam.example"}};
  return all;
}

bool is_member_of(std::string_view organization_id) {
  return std::any_of(organizations().begin(), organizations().end(),
                     [&](const Organization& organization) { return organization.id == organization_id; });
}

}  // namespace clickflow::sandbox
