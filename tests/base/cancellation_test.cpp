#include "clickflow/base/cancellation.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "support/waiting.h"

using clickflow::Cancellation;
using clickflow::testing::Stopwatch;

TEST_CASE("A cancellation is shared by its copies") {
  const Cancellation first;
  const Cancellation second = first;
  CHECK_FALSE(second.cancelled());
  first.cancel();
  CHECK(second.cancelled());
  CHECK_FALSE(Cancellation().cancelled());
}

TEST_CASE("A callback runs once, however often one cancels") {
  const Cancellation cancellation;
  int runs = 0;
  const Cancellation::Callback callback(cancellation, [&] { ++runs; });
  CHECK(runs == 0);
  cancellation.cancel();
  cancellation.cancel();
  CHECK(runs == 1);
}

TEST_CASE("A callback on what is cancelled already runs at once") {
  const Cancellation cancellation;
  cancellation.cancel();
  int runs = 0;
  const Cancellation::Callback callback(cancellation, [&] { ++runs; });
  CHECK(runs == 1);
}

TEST_CASE("A callback that has gone does not run") {
  const Cancellation cancellation;
  int runs = 0;
  {
    const Cancellation::Callback callback(cancellation, [&] { ++runs; });
  }
  cancellation.cancel();
  CHECK(runs == 0);
}

TEST_CASE("Every callback runs, and one may ask whether it is cancelled") {
  const Cancellation cancellation;
  int runs = 0;
  auto callback = [&] { runs += cancellation.cancelled(); };
  const Cancellation::Callback one(cancellation, callback), two(cancellation, callback),
      three(cancellation, callback);
  cancellation.cancel();
  CHECK(runs == 3);
}

TEST_CASE("A callback may end another registration, which then does not run") {
  const Cancellation cancellation;
  int runs = 0;
  auto first = std::make_unique<Cancellation::Callback>(cancellation, [&] { ++runs; });
  const Cancellation::Callback second(cancellation, [&] { first.reset(); });
  cancellation.cancel();  // in reverse order
  CHECK(runs == 0);
}

TEST_CASE("When a registration has gone, its callback is not running") {
  for (int round = 0; round < 200; ++round) {
    const Cancellation cancellation;
    auto alive = std::make_unique<std::atomic<int>>(0);
    std::thread canceller;
    {
      const Cancellation::Callback callback(cancellation, [&alive] {
        ++*alive;
        std::this_thread::yield();
        ++*alive;
      });
      canceller = std::thread([&] { cancellation.cancel(); });
      if (round % 2) std::this_thread::yield();
    }
    const int seen = *alive;
    alive.reset();  // a callback that still runs would be found out by a sanitizer
    canceller.join();
    CHECK((seen == 0 || seen == 2));
  }
}

TEST_CASE("Of many that cancel at once, one runs the callback") {
  for (int round = 0; round < 50; ++round) {
    const Cancellation cancellation;
    std::atomic<int> runs = 0;
    const Cancellation::Callback callback(cancellation, [&] { ++runs; });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { cancellation.cancel(); });
    for (auto& thread : threads) thread.join();
    CHECK(runs == 1);
  }
}

TEST_CASE("Sleep lasts as long as it should") {
  const Cancellation cancellation;
  const Stopwatch slept;
  CHECK(cancellation.sleep(30));
  CHECK(slept.elapsed().count() >= 30);
  CHECK(cancellation.sleep(0));
  CHECK(cancellation.sleep(-5));
}

TEST_CASE("Sleep ends when it is cancelled") {
  const Cancellation cancellation;
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    cancellation.cancel();
  });
  const Stopwatch slept;
  CHECK_FALSE(cancellation.sleep(60'000));
  CHECK(slept.elapsed() < std::chrono::seconds(20));
  canceller.join();
  CHECK_FALSE(cancellation.sleep(60'000));
}
