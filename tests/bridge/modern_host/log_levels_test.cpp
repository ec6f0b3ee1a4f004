#include "../../../src/bridge/modern_host/log_levels.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "support/modern_host_rig.h"

using namespace clickflow;
using bridge::modern_host::LogLevels;
using namespace clickflow::testing;

namespace {

struct Server {
  LogLevels::Set set = [this](int rank, const auth::Occasion&) -> Result<void> {
    ranks.push_back(rank);
    if (!obeys) return fail(ErrorCode::rejected, "No.", "");
    return {};
  };
  bool obeys = true;
  std::vector<int> ranks;
};

}  // namespace

TEST_CASE("The session's level is the most verbose that is asked for, and is set when that changes") {
  Server server;
  LogLevels levels(server.set, {});
  {
    const LogLevels::Hold none(levels, std::nullopt, {});
    CHECK(server.ranks.empty());
    const LogLevels::Hold error(levels, 4, {});
    CHECK(server.ranks == std::vector{4});
    {
      const LogLevels::Hold critical(levels, 5, {});
      const LogLevels::Hold error_too(levels, 4, {});
      CHECK(server.ranks == std::vector{4});
      const LogLevels::Hold debug(levels, 0, {});
      CHECK(server.ranks == std::vector{4, 0});
    }
    CHECK(server.ranks == std::vector{4, 0, 4});
  }
  // Nobody asks for any: there is nothing to tell.
  CHECK(server.ranks == std::vector{4, 0, 4});
  const LogLevels::Hold error(levels, 4, {});
  CHECK(server.ranks == std::vector{4, 0, 4});
}

TEST_CASE("A level that could not be set is tried again by the next request") {
  Server server;
  server.obeys = false;
  LogLevels levels(server.set, {});
  const LogLevels::Hold first(levels, 4, {});
  const LogLevels::Hold second(levels, 4, {});
  CHECK(server.ranks == std::vector{4, 4});
}

TEST_CASE("A request goes on once the level that it asks for is set, whoever sets it") {
  std::atomic<bool> go = false, wrong = false;
  std::atomic<int> current = -1, setting = 0;
  const LogLevels::Set set = [&](int rank, const auth::Occasion&) -> Result<void> {
    if (++setting > 1) wrong = true;
    while (!go) std::this_thread::yield();
    current = rank;
    --setting;
    return {};
  };
  LogLevels levels(set, {});
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const LogLevels::Hold hold(levels, 7 - i % 4, {});
      if (current > 7 - i % 4) wrong = true;
      std::this_thread::yield();
    });
  }
  go = true;
  for (auto& thread : threads) thread.join();
  CHECK_FALSE(wrong);
}

TEST_CASE("A request that its host has cancelled waits for no other one's level") {
  Flag entered, go;
  std::atomic<bool> ended = false;
  LogLevels levels(
      [&](int, const auth::Occasion&) -> Result<void> {
        entered.raise();
        go.wait();
        ended = true;
        return {};
      },
      {});
  std::thread other([&] { const LogLevels::Hold hold(levels, 4, {}); });
  REQUIRE(entered.wait());
  auth::Occasion over;
  over.cancellation.cancel();
  {
    const LogLevels::Hold hold(levels, 0, over);
    CHECK_FALSE(ended);
  }
  go.raise();
  other.join();
}
