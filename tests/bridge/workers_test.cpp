#include "clickflow/bridge/workers.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <mutex>
#include <thread>
#include <vector>

#include "support/waiting.h"

using clickflow::bridge::Workers;
using clickflow::testing::eventually;
using clickflow::testing::patience;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST_CASE("With a limit of one, jobs run in the order in which they were given") {
  Workers lane(1);
  std::vector<int> order;
  for (int i = 0; i < 1'000; ++i) (void)lane.run([&order, i] { order.push_back(i); });
  CHECK(eventually([&] {
    std::atomic<bool> last = false;
    (void)lane.run([&] { last = true; });
    return eventually([&] { return last.load(); });
  }));
  REQUIRE(order.size() == 1'000);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(lane.finish(Clock::now() + patience));
}

TEST_CASE("Jobs run side by side up to the limit, and no more") {
  Workers workers(4);
  std::atomic<int> running = 0, most = 0, done = 0;
  std::atomic<bool> go = false;
  for (int i = 0; i < 12; ++i) {
    (void)workers.run([&] {
      const int now = ++running;
      for (int before = most; before < now && !most.compare_exchange_weak(before, now);) {
      }
      eventually([&] { return go.load(); });
      --running;
      ++done;
    });
  }
  CHECK(eventually([&] { return running == 4; }));
  std::this_thread::sleep_for(20ms);
  CHECK(running == 4);
  go = true;
  CHECK(eventually([&] { return done == 12; }));
  CHECK(most == 4);
  CHECK(workers.finish(Clock::now() + patience));
}

TEST_CASE("A job may give out another") {
  Workers workers(1);
  std::atomic<bool> inner = false;
  (void)workers.run([&] { (void)workers.run([&] { inner = true; }); });
  CHECK(eventually([&] { return inner.load(); }));
  CHECK(workers.finish(Clock::now() + patience));
}

TEST_CASE("At the end what runs is waited for, what has not begun is dropped, and nothing more is taken") {
  Workers workers(1);
  std::atomic<int> done = 0;
  std::atomic<bool> begun = false;
  auto token = std::make_shared<int>(1);
  const std::weak_ptr<int> queued = token;
  (void)workers.run([&] {
    begun = true;
    eventually([&] { return queued.expired(); });  // until finish() has dropped the other
    ++done;
  });
  (void)workers.run([&done, token = std::move(token)] { ++done; });
  REQUIRE(eventually([&] { return begun.load(); }));
  CHECK(workers.finish(Clock::now() + patience));
  CHECK(done == 1);
  (void)workers.run([&] { ++done; });
  std::this_thread::sleep_for(20ms);
  CHECK(done == 1);
}

TEST_CASE("A job that does not end is told, and may outlive the workers") {
  auto let_go = std::make_shared<std::atomic<bool>>(false);
  auto begun = std::make_shared<std::atomic<bool>>(false);
  auto ended = std::make_shared<std::atomic<bool>>(false);
  {
    Workers workers(2);
    (void)workers.run([=] {
      *begun = true;
      eventually([&] { return let_go->load(); });
      *ended = true;
    });
    REQUIRE(eventually([&] { return begun->load(); }));
    const clickflow::testing::Stopwatch waited;
    CHECK_FALSE(workers.finish(Clock::now() + 50ms));
    CHECK(waited.elapsed() >= 50ms);
  }
  *let_go = true;
  CHECK(eventually([&] { return ended->load(); }));
}

TEST_CASE("What a job held is let go when it has ended") {
  Workers workers(1);
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = held;
  (void)workers.run([held] {});
  held.reset();
  CHECK(eventually([&] { return watched.expired(); }));
  CHECK(workers.finish(Clock::now() + patience));
}

TEST_CASE("Many threads give out work, and every job runs once") {
  Workers workers(8);
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 250; ++n) (void)workers.run([&] { ++done; });
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(eventually([&] { return done == 1'000; }));
  CHECK(workers.finish(Clock::now() + patience));
  CHECK(done == 1'000);
}
