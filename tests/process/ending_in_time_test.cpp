#include <catch2/catch_test_macros.hpp>

#include "process/support/host.h"

// Not built under sanitizers, which are slow to start a process and to end it.
using namespace clickflow::testing;
using Clock = std::chrono::steady_clock;

TEST_CASE("A program with nothing in flight ends before its host sends SIGTERM (without sanitizers)") {
  const RawServer server;
  Host host(server);
  host.initialize();
  host.call("1");
  CHECK_FALSE(host.answer("1").empty());
  const auto began = Clock::now();
  CHECK(host.finish() == Lines{});
  CHECK(Clock::now() - began < std::chrono::seconds(2));
}
