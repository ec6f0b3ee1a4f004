#include "clickflow/remote/one_at_a_time.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <thread>
#include <vector>

#include "support/waiting.h"

using namespace clickflow;
using clickflow::testing::eventually;
using remote::OneAtATime;

namespace {

constexpr int many = 4;

// One who is at it until many others wait for him, and what comes of all of them. Any work but his succeeds.
struct Crowd {
  Crowd(const Result<void>& end, bool he_is_interactive, bool others_are) {
    std::vector<std::thread> threads;
    threads.emplace_back([&] { his = run(he_is_interactive, end); });
    eventually([&] { return works == 1; });
    for (int i = 0; i < many; ++i) threads.emplace_back([&] { shared += !run(others_are, {}); });
    for (auto& thread : threads) thread.join();
  }
  Result<void> run(bool interactive, const Result<void>& end) {
    const auto needed = [&] {
      ++asked;
      return !done;
    };
    return one.run({{}, interactive}, needed, [&] {
      // Who has asked lets go of the lock no sooner than he waits, and our work ends with that lock.
      if (++works == 1) eventually([&] { return asked == 1 + many; });
      done = end.has_value();
      return end;
    });
  }

  OneAtATime one;
  std::atomic<int> asked = 0, works = 0, shared = 0;
  std::atomic<bool> done = false;
  Result<void> his;
};

Result<void> failed(ErrorCode code) {
  return fail(code, "No.", "");
}

}  // namespace

TEST_CASE("One does for all what many need at once") {
  const Crowd crowd({}, false, false);
  CHECK(crowd.works == 1);
  CHECK(crowd.shared == 0);
  CHECK_FALSE(crowd.one.failure());
}

TEST_CASE("Whoever waits shares the failure, but not another's cancellation") {
  const Crowd unreachable(failed(ErrorCode::unreachable), false, GENERATE(false, true));
  CHECK(unreachable.shared == many);
  CHECK(unreachable.works == 1);
  CHECK(unreachable.one.failure()->code == ErrorCode::unreachable);

  const Crowd cancelled(failed(ErrorCode::cancelled), false, false);
  CHECK(cancelled.his.error().code == ErrorCode::cancelled);
  CHECK(cancelled.shared == 0);
  CHECK(cancelled.works == 2);
}

TEST_CASE(
    "Whoever may ask a person tries what failed without, and shares what failed although one was asked") {
  const auto code = GENERATE(ErrorCode::unauthenticated, ErrorCode::forbidden);
  CHECK(Crowd(failed(code), false, true).shared == 0);
  CHECK(Crowd(failed(code), false, false).shared == many);
  CHECK(Crowd(failed(code), true, true).shared == many);
  CHECK(Crowd(failed(code), true, false).shared == many);
}

TEST_CASE("Whoever is cancelled waits no longer") {
  OneAtATime one;
  std::atomic<bool> at_it = false, go = false, went = false;
  std::thread other([&] {
    (void)one.run(
        {}, [&] { return !at_it; },
        [&]() -> Result<void> {
          at_it = true;
          went = eventually([&] { return go.load(); });
          return {};
        });
  });
  CHECK(eventually([&] { return at_it.load(); }));
  const Cancellation cancellation;
  std::thread host([&] { cancellation.cancel(); });
  const auto ran = one.run(
      {cancellation, false}, [] { return true; }, [] { return Result<void>(); });
  go = true;
  host.join();
  other.join();
  CHECK(went);
  REQUIRE_FALSE(ran);
  CHECK(ran.error().code == ErrorCode::cancelled);
}
