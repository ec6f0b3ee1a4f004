#include "clickflow/sandbox/mcp/call_threads.h"

#include <catch2/catch_test_macros.hpp>

using namespace clickflow;
using namespace clickflow::sandbox;

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
  bool begun = false;
  for (int i = 0; i < 200 && !begun; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    begun = threads.run({}, [] {});
  }
  CHECK(begun);
}
