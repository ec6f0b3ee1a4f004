#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clickflow/mcp/scope.h"

namespace clickflow::sandbox {

struct Organization {
  std::string id;
  std::string name;
  std::string domain;
};

/// All there are.
const std::vector<Organization>& organizations();
/// Null where there is none.
const Organization* find_organization(std::string_view id);

/// Somebody who can sign in. API keys are made by the first person.
struct Person {
  std::string id;  ///< user_…
  std::string name;
  std::string email;
  std::vector<std::string> organizations;  ///< ids; the first is the default

  bool is_member_of(std::string_view organization_id) const;
};

/// The first is a member of all organizations. They live as long as the program.
const std::vector<Person>& people();

/// Null where there is none. An address is the same in capitals.
const Person* find_person(std::string_view id);
const Person* find_person_by_email(std::string_view email);

/// Who makes a request: an API key, or a person who has signed in.
struct Caller {
  std::string id;                            ///< of the key or the sign-in; may be logged
  std::string organization;                  ///< the default for calls that name none
  std::vector<mcp::Scope> scopes;            ///< the tools that may be called
  const Person* person = &people().front();  ///< on whose behalf

  bool may_call(std::string_view tool) const { return mcp::any_allows(scopes, tool); }
};

}  // namespace clickflow::sandbox
