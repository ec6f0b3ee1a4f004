#include "clickflow/bridge/calls.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <thread>
#include <vector>

#include "support/messages.h"
#include "support/waiting.h"

using namespace clickflow;
using namespace clickflow::testing;
using namespace std::chrono_literals;
using bridge::Calls;

TEST_CASE("A call is taken once, and then it is gone") {
  Calls calls;
  const auto call = calls.begin(request("1", "tools/call"), mcp::Era::legacy);
  REQUIRE(call);
  CHECK(call->id == "1");
  CHECK(call->method == "tools/call");
  CHECK(calls.take(*call));
  CHECK_FALSE(calls.take(*call));
  CHECK_FALSE(calls.take("1"));
}

TEST_CASE("An id that is in flight, however it is spelt, can't be used again before its answer") {
  Calls calls;
  const auto number = calls.begin(request("1", "a"), mcp::Era::legacy),
             text = calls.begin(request("\"a\"", "b"), mcp::Era::legacy);
  CHECK_FALSE(calls.begin(request("1", "c"), mcp::Era::legacy));
  CHECK_FALSE(calls.begin(request("1.0", "c"), mcp::Era::legacy));
  CHECK_FALSE(calls.begin(request("\"\\u0061\"", "c"), mcp::Era::legacy));
  CHECK(calls.begin(request("\"1\"", "c"), mcp::Era::legacy));
  CHECK(calls.take(*number));
  const auto again = calls.begin(request("1e0", "d"), mcp::Era::legacy);
  REQUIRE(again);
  CHECK_FALSE(calls.take(*number));  // the old call is not the new one
  CHECK(calls.take(*again));
}

TEST_CASE("A cancellation finds the call by its id in any spelling, and nothing by what is no id") {
  Calls calls;
  const auto call = calls.begin(request("15", "a"), mcp::Era::legacy);
  for (const char* id : {"", "null", "{}", "[15]", "true", "\"15\"", "16"}) {
    CAPTURE(id);
    CHECK_FALSE(calls.take(std::string_view(id)));
  }
  CHECK(calls.take(std::string_view("1.5e1")) == call);
  CHECK_FALSE(call->cancellation.cancelled());  // who takes it ends it
}

TEST_CASE("At the end all calls are cancelled and none can be answered") {
  Calls calls;
  const auto one = calls.begin(request("1", "a"), mcp::Era::legacy),
             two = calls.begin(request("2", "b"), mcp::Era::legacy);
  calls.cancel_all();
  CHECK(one->cancellation.cancelled());
  CHECK(two->cancellation.cancelled());
  CHECK_FALSE(calls.take(*one));
  CHECK(calls.wait_until_none(0ms));
}

TEST_CASE("Waiting for the last answer ends with it, or with the limit") {
  Calls calls;
  CHECK(calls.wait_until_none(0ms));
  const auto call = calls.begin(request("1", "a"), mcp::Era::legacy);
  const Stopwatch waited;
  CHECK_FALSE(calls.wait_until_none(30ms));
  CHECK(waited.elapsed() >= 30ms);
  std::thread answerer([&] {
    std::this_thread::sleep_for(10ms);
    calls.take(*call);
  });
  CHECK(calls.wait_until_none(60s));
  answerer.join();
}

TEST_CASE("Of all that would answer a call, one does") {
  for (int round = 0; round < 200; ++round) {
    Calls calls;
    const auto call = calls.begin(request("1", "a"), mcp::Era::legacy);
    std::atomic<int> taken = 0;
    std::vector<std::thread> threads;
    threads.emplace_back([&] { taken += calls.take(*call); });
    threads.emplace_back([&] { taken += calls.take(*call); });
    threads.emplace_back([&] { taken += calls.take(std::string_view("1")) != nullptr; });
    for (auto& thread : threads) thread.join();
    CHECK(taken == 1);
  }
}
