#include "clickflow/base/paths.h"

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "support/environment.h"

using clickflow::testing::EnvironmentVariable;
namespace paths = clickflow::paths;

TEST_CASE("CLICKFLOW_HOME overrides every folder") {
  const EnvironmentVariable home("CLICKFLOW_HOME", "/somewhere");
  const EnvironmentVariable cache("XDG_CACHE_HOME", "/elsewhere");
  CHECK(*paths::cache() == "/somewhere/cache");
  CHECK(*paths::state() == "/somewhere/state");
}

#ifdef __linux__
TEST_CASE("Without CLICKFLOW_HOME the folders are where the XDG specification has them") {
  const EnvironmentVariable none("CLICKFLOW_HOME", std::nullopt);
  const EnvironmentVariable home("HOME", "/home/ada");
  const EnvironmentVariable state("XDG_STATE_HOME", std::nullopt);
  const EnvironmentVariable cache("XDG_CACHE_HOME", "not/absolute");
  CHECK(*paths::cache() == "/home/ada/.cache/clickflow-mcp");
  CHECK(*paths::state() == "/home/ada/.local/state/clickflow-mcp");
  const EnvironmentVariable elsewhere("XDG_CACHE_HOME", "/var/ada");
  CHECK(*paths::cache() == "/var/ada/clickflow-mcp");
}

TEST_CASE("A host that gives us no HOME does not take our folders away") {
  const EnvironmentVariable none("CLICKFLOW_HOME", std::nullopt);
  const EnvironmentVariable home("HOME", std::nullopt);
  const EnvironmentVariable state("XDG_STATE_HOME", std::nullopt);
  const auto folder = paths::state();
  REQUIRE(folder);
  CHECK(folder->is_absolute());
}
#endif
