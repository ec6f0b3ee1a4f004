#include "clickflow/bridge/gate.h"

#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "support/waiting.h"

using clickflow::Cancellation;
using clickflow::bridge::Gate;
using namespace std::chrono_literals;

TEST_CASE("An open gate lets through at once, for good") {
  Gate gate;
  gate.open();
  CHECK(gate.wait({}));
  gate.open();
  CHECK(gate.wait({}));
}

TEST_CASE("A gate holds everybody until it opens") {
  Gate gate;
  std::atomic<int> through = 0;
  std::thread one([&] { through += gate.wait({}); });
  std::thread two([&] { through += gate.wait({}); });
  std::this_thread::sleep_for(20ms);
  CHECK(through == 0);
  gate.open();
  one.join();
  two.join();
  CHECK(through == 2);
}

TEST_CASE("Who is cancelled waits no longer and does not pass") {
  Gate gate;
  const Cancellation cancellation;
  std::thread canceller([&] {
    std::this_thread::sleep_for(20ms);
    cancellation.cancel();
  });
  CHECK_FALSE(gate.wait(cancellation));
  canceller.join();
  CHECK_FALSE(gate.wait(cancellation));
  gate.open();
  CHECK_FALSE(gate.wait(cancellation));
  CHECK(gate.wait({}));
}
