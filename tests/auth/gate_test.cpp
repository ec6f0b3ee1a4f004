#include "clickflow/auth/gate.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <thread>
#include <vector>

using clickflow::Cancellation;
using clickflow::auth::Gate;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("One thread is in at a time, and all get in") {
  Gate gate;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> entered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) {
        const auto pass = gate.enter(seconds(30), {});
        if (!pass) continue;
        const int now = ++inside;
        for (int before = most; before < now && !most.compare_exchange_weak(before, now);) {
        }
        ++entered;
        --inside;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(most == 1);
  CHECK(entered == 400);
}

TEST_CASE("Who waits too long, or is cancelled, does not get in") {
  Gate gate;
  const auto held = gate.enter(seconds(0), {});
  REQUIRE(held);
  CHECK_FALSE(gate.enter(seconds(0), {}));
  CHECK_FALSE(gate.enter(milliseconds(5), {}));
  const Cancellation cancellation;
  std::thread canceller([&] { cancellation.cancel(); });
  CHECK_FALSE(gate.enter(seconds(60), cancellation));
  canceller.join();
}

TEST_CASE("A pass that has moved lets go once") {
  Gate gate;
  {
    auto first = gate.enter(seconds(0), {});
    const auto moved = std::move(first);
    CHECK(moved);
    CHECK_FALSE(gate.enter(seconds(0), {}));
  }
  CHECK(gate.enter(seconds(0), {}));
}
