#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <cstring>

#include "clickflow/base/environment.h"

TEST_CASE("A secret that is taken from the environment is overwritten where it stood") {
  char entry[] = "CLICKFLOW_TEST_KEY=cf_ak_taken_from_here";
  REQUIRE(::putenv(entry) == 0);  // what stands in `entry` is now the environment itself, as in a new process
  const auto secret = clickflow::take_environment("CLICKFLOW_TEST_KEY");
  REQUIRE(secret);
  CHECK(secret->expose() == "cf_ak_taken_from_here");
  const std::string_view rest(entry, sizeof entry);
  CHECK(rest.find("cf_ak_") == std::string_view::npos);
  CHECK(rest.find("here") == std::string_view::npos);
}

TEST_CASE("An empty secret is none, and is taken away all the same") {
  ::setenv("CLICKFLOW_TEST_KEY", "", 1);
  CHECK_FALSE(clickflow::take_environment("CLICKFLOW_TEST_KEY"));
  CHECK(std::getenv("CLICKFLOW_TEST_KEY") == nullptr);
}
