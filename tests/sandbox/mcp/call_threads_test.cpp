#include "clickflow/sandbox/mcp/call_threads.h"

#include <catch2/catch_test_macros.hpp>

#include "support/waiting.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using clickflow::testing::eventually;

TEST_CASE("The calls that run are cancelled and waited for at the end, and none begins after it") {
  CallThreads threads;
  const Cancellation cancellation;
  std::atomic<bool> ended = false;
  REQUIRE(threads.run(cancellation, [&] {
    while (cancellation.sleep(60000)) {
    }
    ended = true;
  }));
  threads.stop();
  CHECK(ended);
  CHECK_FALSE(threads.run({}, [] {}));
}

TEST_CASE("A call that has ended makes room for another") {
  CallThreads threads;
  std::vector<Cancellation> running(128);
  for (const auto& cancellation : running) {
    REQUIRE(threads.run(cancellation, [cancellation] { cancellation.sleep(60000); }));
  }
  CHECK_FALSE(threads.run({}, [] {}));
  running.front().cancel();
  CHECK(eventually([&] { return threads.run({}, [] {}); }));
}
