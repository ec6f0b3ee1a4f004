#include "clickflow/sandbox/account.h"

#include <algorithm>

#include "clickflow/base/ascii.h"

namespace clickflow::sandbox {
namespace {

template <class Entry, class Test>
const Entry* find_in(const std::vector<Entry>& entries, Test test) {
  const auto found = std::find_if(entries.begin(), entries.end(), test);
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

const std::vector<Organization>& organizations() {
  static const std::vector<Organization> all{{"org_abc123", "Northwind Coffee", "northwind.example"},
                                             {"org_xyz789", "Fabrikam Outdoors", "fabrikam.example"}};
  return all;
}

const Organization* find_organization(std::string_view id) {
  return find_in(organizations(), [&](const Organization& organization) { return organization.id == id; });
}

const std::vector<Person>& people() {
  static const std::vector<Person> all{
      {"user_ada", "Ada Lindqvist", "ada@northwind.example", {"org_abc123", "org_xyz789"}},
      {"user_ben", "Ben Okafor", "ben@fabrikam.example", {"org_xyz789"}}};
  return all;
}

bool Person::is_member_of(std::string_view organization_id) const {
  return std::find(organizations.begin(), organizations.end(), organization_id) != organizations.end();
}

const Person* find_person(std::string_view id) {
  return find_in(people(), [&](const Person& person) { return person.id == id; });
}

const Person* find_person_by_email(std::string_view email) {
  return find_in(people(), [&](const Person& person) { return lower(person.email) == lower(email); });
}

}  // namespace clickflow::sandbox
