#include "clickflow/auth/backoff.h"

#include <catch2/catch_test_macros.hpp>

#include "support/fake_clock.h"

using namespace clickflow;
using clickflow::auth::Backoff;
using clickflow::testing::FakeClock;
using std::chrono::seconds;

namespace {

const Error down{ErrorCode::unreachable, "It is down.", "Check the network."};

}  // namespace

TEST_CASE("Each failure doubles the wait, up to a minute, and a success ends it") {
  FakeClock clock;
  Backoff backoff(clock);
  CHECK_FALSE(backoff.too_early());
  for (const int wait : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    backoff.failed(down);
    REQUIRE(backoff.too_early());
    CHECK(backoff.too_early()->message() ==
          "It is down. It will be tried again in " + std::to_string(wait) + " s.");
    CHECK(backoff.too_early()->code == ErrorCode::unreachable);
    clock.pass(seconds(wait));
    CHECK_FALSE(backoff.too_early());
  }
  backoff.failed(down);
  backoff.succeeded();
  CHECK_FALSE(backoff.too_early());
}

TEST_CASE("Many that fail at the same moment count once") {
  FakeClock clock;
  Backoff backoff(clock);
  for (int i = 0; i < 10; ++i) backoff.failed(down);
  clock.pass(seconds(1));
  CHECK_FALSE(backoff.too_early());
}

TEST_CASE("Retry-After is honoured, up to ten minutes") {
  FakeClock clock;
  Backoff backoff(clock);
  backoff.failed(down, seconds(17));
  CHECK(backoff.too_early()->remedy == "It will be tried again in 17 s.");
  clock.pass(seconds(17));
  backoff.failed(down, seconds(86400));
  CHECK(backoff.too_early()->remedy == "It will be tried again in 600 s.");
}

TEST_CASE("A clock that was put back does not make the wait longer") {
  FakeClock clock;
  Backoff backoff(clock);
  backoff.failed(down);
  clock.pass(seconds(-3600));
  CHECK_FALSE(backoff.too_early());
}
