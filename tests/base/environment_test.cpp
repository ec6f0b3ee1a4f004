#include "clickflow/base/environment.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <cstring>

#include "support/environment_guard.h"

using clickflow::testing::EnvironmentGuard;

TEST_CASE("A variable that is unset or empty has no value") {
  EnvironmentGuard guard;
  guard.set("CLICKFLOW_TEST_A", "value");
  guard.set("CLICKFLOW_TEST_B", std::nullopt);
  CHECK(clickflow::environment("CLICKFLOW_TEST_A") == "value");
  CHECK_FALSE(clickflow::environment("CLICKFLOW_TEST_B"));
}

TEST_CASE("A secret that is taken from the environment is there no more") {
  EnvironmentGuard guard;
  guard.set("CLICKFLOW_TEST_KEY", "cf_ak_taken_from_here");
  const char* before = std::getenv("CLICKFLOW_TEST_KEY");
  REQUIRE(before);
  const auto secret = clickflow::take_environment("CLICKFLOW_TEST_KEY");
  REQUIRE(secret);
  CHECK(secret->expose() == "cf_ak_taken_from_here");
  CHECK(std::getenv("CLICKFLOW_TEST_KEY") == nullptr);
  CHECK_FALSE(clickflow::take_environment("CLICKFLOW_TEST_KEY"));
}
