#include "../../../src/bridge/modern_host/watched_resources.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/modern_host_rig.h"

using namespace clickflow;
using namespace clickflow::testing;
using bridge::modern_host::WatchedResources;

TEST_CASE("A resource is subscribed to once for all who want it, and until the last one does not") {
  std::vector<std::string> told;
  const WatchedResources::Tell tell = [&](std::string_view method, const std::string& uri) -> Result<void> {
    told.push_back(std::string(method) + " " + uri);
    return {};
  };
  WatchedResources resources;
  CHECK(resources.watch("\"a\"", tell, {}));
  CHECK(resources.watch("\"a\"", tell, {}));
  CHECK(resources.watch("\"b\"", tell, {}));
  CHECK(told == std::vector<std::string>{"resources/subscribe \"a\"", "resources/subscribe \"b\""});
  told.clear();
  resources.release("\"a\"", tell);
  CHECK(told.empty());
  resources.release("\"a\"", tell);
  CHECK(told == std::vector<std::string>{"resources/unsubscribe \"a\""});
  told.clear();
  CHECK(resources.watch("\"a\"", tell, {}));
  CHECK(told == std::vector<std::string>{"resources/subscribe \"a\""});
}

TEST_CASE("A resource that the server refuses is not watched, and is asked for again") {
  int asked = 0;
  bool obeys = false;
  const WatchedResources::Tell tell = [&](std::string_view, const std::string&) -> Result<void> {
    ++asked;
    if (!obeys) return fail(ErrorCode::rejected, "No.", "");
    return {};
  };
  WatchedResources resources;
  CHECK_FALSE(resources.watch("\"a\"", tell, {}));
  obeys = true;
  CHECK(resources.watch("\"a\"", tell, {}));
  CHECK(asked == 2);
}

TEST_CASE("Whoever comes and goes at once, the server hears of each change in turn") {
  std::atomic<int> subscribed = 0;
  std::atomic<bool> wrong = false;
  const WatchedResources::Tell tell = [&](std::string_view method, const std::string&) -> Result<void> {
    const int now = method == "resources/subscribe" ? ++subscribed : --subscribed;
    if (now < 0 || now > 1) wrong = true;
    std::this_thread::yield();
    return {};
  };
  WatchedResources resources;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) {
        resources.watch("\"a\"", tell, {});
        if (subscribed != 1) wrong = true;
        resources.release("\"a\"", tell);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK_FALSE(wrong);
  CHECK(subscribed == 0);
}

TEST_CASE("A subscription that its host has cancelled waits for no other one's resource") {
  Flag entered, go;
  std::atomic<bool> ended = false;
  const WatchedResources::Tell tell = [&](std::string_view, const std::string&) -> Result<void> {
    entered.raise();
    go.wait();
    ended = true;
    return {};
  };
  WatchedResources resources;
  std::thread other([&] { resources.watch("\"a\"", tell, {}); });
  REQUIRE(entered.wait());
  const Cancellation over;
  over.cancel();
  CHECK_FALSE(resources.watch("\"a\"", tell, over));
  CHECK_FALSE(ended);
  go.raise();
  other.join();
}
