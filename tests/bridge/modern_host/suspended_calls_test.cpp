#include "../../../src/bridge/modern_host/suspended_calls.h"

#include <catch2/catch_test_macros.hpp>

#include "support/manual_clock.h"

using namespace clickflow::testing;
using clickflow::bridge::modern_host::SuspendedCalls;
using namespace std::chrono_literals;

// The calls themselves are in questions_test.cpp.

TEST_CASE("What is kept is claimed once, counts its rounds, and expires") {
  ManualClock clock;
  SuspendedCalls calls(clock, 10s);
  const auto first = calls.keep(nullptr, 0);
  const auto second = calls.keep(nullptr, 4);
  CHECK(first.round == 1);
  CHECK(second.round == 5);
  CHECK(first.expires == clock.now() + 10s);
  CHECK(first.number != second.number);
  CHECK(calls.claim(first.number));
  CHECK_FALSE(calls.claim(first.number));
  REQUIRE(clock.wait_for_sleeper());
  clock.pass(9s);
  const auto third = calls.keep(nullptr, 0);
  REQUIRE(clock.wait_for_sleeper());
  clock.pass(1s);
  CHECK_FALSE(calls.claim(second.number));
  CHECK(calls.claim(third.number));
}

TEST_CASE("A host that leaves everything lying makes us keep no more than so much") {
  ManualClock clock;
  SuspendedCalls calls(clock, 10s);
  const auto first = calls.keep(nullptr, 0);
  SuspendedCalls::Ticket last;
  for (int i = 0; i < 10'000; ++i) last = calls.keep(nullptr, 0);
  CHECK_FALSE(calls.claim(first.number));
  CHECK(calls.claim(first.number + 1));
  CHECK(calls.claim(last.number));
}

TEST_CASE("After the end nothing is kept") {
  ManualClock clock;
  SuspendedCalls calls(clock, 10s);
  const auto before = calls.keep(nullptr, 0);
  calls.close();
  CHECK_FALSE(calls.claim(before.number));
  CHECK_FALSE(calls.claim(calls.keep(nullptr, 0).number));
}
