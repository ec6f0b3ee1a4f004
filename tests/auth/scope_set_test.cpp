#include "clickflow/auth/scope_set.h"

#include <catch2/catch_test_macros.hpp>

using namespace clickflow;
using namespace clickflow::auth;

namespace {

std::optional<http::Challenge> challenge(const std::string& field) {
  return http::bearer_challenge({{"WWW-Authenticate", field}});
}

Discovery discovery(std::optional<std::vector<std::string>> resource, std::vector<std::string> server) {
  Discovery result;
  result.resource_scopes = std::move(resource);
  result.server.scopes_supported = std::move(server);
  return result;
}

}  // namespace

TEST_CASE("Scopes are kept once, in order, and what is none is dropped") {
  CHECK(ScopeSet::parse("b a  b\tc \"x\" d\\e é f ").to_string() == "b a f");
  CHECK(ScopeSet::parse("").to_string().empty());
}

TEST_CASE("A union keeps what was there first") {
  ScopeSet scope = ScopeSet::parse("a b");
  scope.add(ScopeSet::parse("b c"));
  CHECK(scope.to_string() == "a b c");
  CHECK(scope.contains(ScopeSet::parse("c a")));
  CHECK_FALSE(scope.contains(ScopeSet::parse("a d")));
}

TEST_CASE("The challenge's scopes come first, then the resource's, then none") {
  const auto with_list = discovery({{"x", "y"}}, {});
  CHECK(choose_scope(challenge(R"(Bearer scope="a b")"), with_list, {}).to_string() == "a b");
  CHECK(choose_scope(challenge("Bearer"), with_list, {}).to_string() == "x y");
  CHECK(choose_scope({}, with_list, {}).to_string() == "x y");
  CHECK(choose_scope({}, discovery({}, {}), {}).empty());
}

TEST_CASE("offline_access is asked for where the authorization server lists it, and only there") {
  const auto listed = discovery({{"x"}}, {"openid", "offline_access"});
  CHECK(choose_scope({}, listed, {}).to_string() == "x offline_access");
  CHECK(choose_scope(challenge(R"(Bearer scope="a")"), listed, {}).to_string() == "a offline_access");
  CHECK(choose_scope({}, discovery({{"x"}}, {"openid"}), {}).to_string() == "x");
}

TEST_CASE("A step-up asks for what was asked before and for what is missing") {
  const auto scope = choose_scope(challenge(R"(Bearer error="insufficient_scope", scope="files:write")"),
                                  discovery({{"profile"}}, {}), ScopeSet::parse("files:read"));
  CHECK(scope.to_string() == "files:read files:write");
}

TEST_CASE("The same scopes are asked for once, and no more than three sets altogether") {
  StepUps step_ups;
  const auto a = ScopeSet::parse("a");
  CHECK(step_ups.worth_asking(a));
  step_ups.asked(a);
  CHECK_FALSE(step_ups.worth_asking(a));
  CHECK(step_ups.worth_asking(ScopeSet::parse("a b")));
  step_ups.asked(ScopeSet::parse("a b"));
  step_ups.asked(ScopeSet::parse("a b c"));
  CHECK_FALSE(step_ups.worth_asking(ScopeSet::parse("a b c d")));
}
