#include "clickflow/bridge/policy.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using clickflow::bridge::Policy;
using clickflow::mcp::Scope;

namespace {

Policy allowing(const std::vector<std::string>& scopes) {
  Policy policy;
  for (const auto& scope : scopes) policy.allowed.push_back(Scope::parse(scope).value());
  return policy;
}

Policy pinned_to(const std::string& organization) {
  Policy policy;
  policy.organization = organization;
  return policy;
}

}  // namespace

TEST_CASE("Without scopes every tool is shown and may be called") {
  CHECK(Policy{}.shows("platform.list_roadmap_items"));
  CHECK(Policy{}.shows(""));
  CHECK_FALSE(Policy{}.refuse("platform.switch_organization", R"({"organization_id":"org_b"})"));
}

TEST_CASE("With scopes only what they grant is shown and may be called") {
  const auto policy = allowing({"tools:platform.list_roadmap_items", "tools:agents.*"});
  CHECK(policy.shows("platform.list_roadmap_items"));
  CHECK(policy.shows("agents.run"));
  CHECK_FALSE(policy.shows("platform.create_roadmap_item"));
  // The shown form of a name is not the name.
  CHECK_FALSE(policy.shows("agents_run"));
  CHECK_FALSE(policy.refuse("agents.run", "{}"));
}

TEST_CASE("A refused call names the scope that is missing and who can add it") {
  const auto words = allowing({"tools:agents.*"}).refuse("platform.create_roadmap_item", "{}");
  REQUIRE(words);
  CHECK(words->find("Insufficient scope: tools:platform.create_roadmap_item.") == 0);
  CHECK(words->find("--allow") != std::string::npos);
}

TEST_CASE("A pinned organization is not switched to another one, in whatever way it is written") {
  const auto arguments = GENERATE(
      R"({"organization_id":"org_b"})", R"({"organization_id":"org_A"})", R"({"organization_id":""})",
      R"({"organization_id":null})", R"({"organization_id":["org_a"]})", R"({"organization_id":7})",
      R"({"organization_id":"org_a","organization_id":"org_b"})",
      R"({"organization_id":"org_b","organization_id":"org_a"})", R"({"organization\u005fid":"org_b"})",
      R"({"Organization_Id":"org_b"})", R"({"organization_id":"org_a","organizationId":"org_b"})",
      R"(["org_b"])", R"("org_b")", R"({"x":1, "organization_id" : "org_a " })");
  CAPTURE(arguments);
  const auto words = pinned_to("org_a").refuse("platform.switch_organization", arguments);
  REQUIRE(words);
  CHECK(words->find("pinned to org_a") != std::string::npos);
}

TEST_CASE("A pinned organization may be switched to itself, and other tools may name any") {
  const auto policy = pinned_to("org_a");
  CHECK_FALSE(policy.refuse("platform.switch_organization", R"({"organization_id":"org_a"})"));
  CHECK_FALSE(policy.refuse("platform.switch_organization", R"({"organization_id":"org\u005fa"})"));
  CHECK_FALSE(policy.refuse("platform.switch_organization", "{}"));
  CHECK_FALSE(policy.refuse("platform.switch_organization", ""));
  CHECK_FALSE(policy.refuse("platform.list_roadmap_items", R"({"organization_id":"org_b"})"));
}
