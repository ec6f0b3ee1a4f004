#include "clickflow/auth/one_tab.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "clickflow/base/file.h"
#include "support/json.h"
#include "support/processes.h"
#include "support/temporary_folder.h"
#include "support/waiting.h"

using clickflow::Cancellation;
using clickflow::auth::OneTab;
using clickflow::auth::SignInEnd;
using clickflow::testing::eventually;
using clickflow::testing::patience;
using clickflow::testing::Processes;
using clickflow::testing::Stopwatch;
using clickflow::testing::TemporaryFolder;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// So many that a sign-in does not end by itself.
constexpr size_t more_than_there_are = 1000;
// For as many processes at a time as a test starts.
constexpr auto limit_of_all = 30s;

const std::string link_start = "https://example.com/authorize?state=";

std::vector<std::string> lines(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> result;
  for (std::string line; std::getline(file, line);) result.push_back(line);
  return result;
}

void append(const fs::path& path, const std::string& line) {
  std::ofstream(path, std::ios::app) << line + "\n";
}

/// A user with a store (a file) and a browser (another, with a line for each tab).
struct User {
  TemporaryFolder folder;
  fs::path store = folder.path() / "store";
  fs::path tabs = folder.path() / "tabs";
  fs::path links = folder.path() / "links";
  OneTab one_tab{folder.path() / "cache", "sign-in"};

  OneTab::Waiting waiting(std::chrono::milliseconds limit = 60s) const {
    return {limit, Cancellation(), [this] { return fs::exists(store); },
            [this](const std::string& link) { append(links, link); }};
  }

  /// What each bridge does. The person answers when links were shown so often elsewhere. Returns 0 for a
  /// sign-in of its own, 10 + the end of another's, 1 to 3 otherwise.
  int bridge(SignInEnd end, size_t links_elsewhere) const {
    auto outcome = one_tab.take_turn(waiting());
    if (!outcome) return 1;
    if (const auto* ended = std::get_if<SignInEnd>(&*outcome)) return 10 + static_cast<int>(*ended);
    auto* turn = std::get_if<OneTab::Turn>(&*outcome);
    if (!turn) return 2;
    const std::string link = link_start + std::to_string(::getpid());
    append(tabs, link);
    if (!turn->show(link, 60s)) return 3;
    eventually([&] { return lines(links).size() >= links_elsewhere; }, 60s);
    if (end == SignInEnd::signed_in) append(store, "token");
    turn->end(end);
    return 0;
  }

  fs::path state_file() const { return folder.path() / "cache" / "sign-in.json"; }
  clickflow::Json state() const { return clickflow::parse_json(clickflow::read_file(state_file()).value()); }
};

std::map<int, int> counted(const std::vector<int>& statuses) {
  std::map<int, int> result;
  for (const int status : statuses) ++result[status];
  return result;
}

}  // namespace

TEST_CASE("Ten processes that are signed out open one tab, show one link, and all learn that it is done") {
  const User user;
  Processes bridges;
  for (int i = 0; i < 10; ++i) bridges.start([&] { return user.bridge(SignInEnd::signed_in, 9); });
  CHECK(counted(bridges.wait_for_all(limit_of_all)) ==
        std::map<int, int>{{0, 1}, {10 + static_cast<int>(SignInEnd::signed_in), 9}});
  REQUIRE(lines(user.tabs).size() == 1);
  CHECK(lines(user.links) == std::vector<std::string>(9, lines(user.tabs)[0]));
}

TEST_CASE("A sign-in that ends without success opens no second tab for those who waited") {
  const User user;
  const auto end = GENERATE(SignInEnd::declined, SignInEnd::no_answer, SignInEnd::failed);
  Processes bridges;
  for (int i = 0; i < 10; ++i) bridges.start([&] { return user.bridge(end, 9); });
  CHECK(counted(bridges.wait_for_all(limit_of_all)) ==
        std::map<int, int>{{0, 1}, {10 + static_cast<int>(end), 9}});
  CHECK(lines(user.tabs).size() == 1);

  // Asked again later, somebody may try again.
  Processes later;
  later.start([&] { return user.bridge(SignInEnd::signed_in, 0); });
  CHECK(later.wait_for_all(limit_of_all) == std::vector<int>{0});
  CHECK(lines(user.tabs).size() == 2);
}

TEST_CASE("A process that is killed during its sign-in is found out, and one other takes its place") {
  const User user;
  Processes doomed;
  const pid_t victim = doomed.start([&] { return user.bridge(SignInEnd::signed_in, more_than_there_are); });
  REQUIRE(eventually([&] { return lines(user.tabs).size() == 1; }));
  Processes bridges;
  for (int i = 0; i < 5; ++i) bridges.start([&] { return user.bridge(SignInEnd::signed_in, 5 + 4); });
  REQUIRE(eventually([&] { return lines(user.links).size() == 5; }));
  doomed.kill(victim);
  CHECK(counted(bridges.wait_for_all(limit_of_all)) ==
        std::map<int, int>{{0, 1}, {10 + static_cast<int>(SignInEnd::signed_in), 4}});
  CHECK(lines(user.tabs).size() == 2);
}

TEST_CASE("A turn that goes without an end, as at a shutdown, leaves its place to another") {
  const User user;
  Processes first;
  first.start([&] {
    auto outcome = user.one_tab.take_turn(user.waiting());
    append(user.tabs, "first");
    std::this_thread::sleep_for(500ms);
    return 0;
  });
  REQUIRE(eventually([&] { return lines(user.tabs).size() == 1; }));
  Processes second;
  second.start([&] { return user.bridge(SignInEnd::signed_in, 0); });
  CHECK(second.wait_for_all(limit_of_all) == std::vector<int>{0});
  CHECK(first.wait_for_all(limit_of_all) == std::vector<int>{0});
}

TEST_CASE("A turn that has ended is free at once, also for the process that still keeps it") {
  const User user;
  auto outcome = user.one_tab.take_turn(user.waiting());
  auto& first = std::get<OneTab::Turn>(*outcome);
  REQUIRE(first.show(link_start + "1", 60s));
  first.end(SignInEnd::declined);
  const auto again = user.one_tab.take_turn(user.waiting(0ms));
  REQUIRE(again);
  CHECK(std::holds_alternative<OneTab::Turn>(*again));
}

TEST_CASE("Whoever finds the store full gets no turn") {
  const User user;
  append(user.store, "token");
  const auto outcome = user.one_tab.take_turn(user.waiting());
  REQUIRE(outcome);
  CHECK(std::get<SignInEnd>(*outcome) == SignInEnd::signed_in);
}

TEST_CASE(
    "Waiting for another's sign-in has a limit, can be cancelled, and notices a store that filled "
    "otherwise") {
  const User user;
  Processes other;
  other.start([&] { return user.bridge(SignInEnd::signed_in, more_than_there_are); });
  REQUIRE(eventually([&] { return user.one_tab.link().has_value(); }));
  const Stopwatch took;
  SECTION("limit") {
    const auto outcome = user.one_tab.take_turn(user.waiting(300ms));
    CHECK(std::holds_alternative<OneTab::OutOfTime>(*outcome));
    CHECK(took.elapsed() >= 300ms);
    CHECK(user.one_tab.link() == lines(user.tabs).at(0));
  }
  SECTION("no time at all") {
    const auto outcome = user.one_tab.take_turn(user.waiting(0ms));
    CHECK(std::holds_alternative<OneTab::OutOfTime>(*outcome));
    CHECK(lines(user.links) == lines(user.tabs));
    CHECK(took.elapsed() < patience);
  }
  SECTION("cancelled") {
    const auto waiting = user.waiting();
    std::thread canceller([&] {
      std::this_thread::sleep_for(100ms);
      waiting.cancellation.cancel();
    });
    const auto outcome = user.one_tab.take_turn(waiting);
    canceller.join();
    CHECK(std::holds_alternative<OneTab::Cancelled>(*outcome));
    CHECK(took.elapsed() < patience);
  }
  SECTION("signed in by other means, say from a terminal") {
    append(user.store, "token");
    const auto outcome = user.one_tab.take_turn(user.waiting());
    CHECK(std::get<SignInEnd>(*outcome) == SignInEnd::signed_in);
    CHECK(took.elapsed() < patience);
  }
}

TEST_CASE("The file is the user's alone, holds the link while it is of use, and nothing else that matters") {
  const User user;
  auto outcome = user.one_tab.take_turn(user.waiting());
  auto& turn = std::get<OneTab::Turn>(*outcome);
  CHECK(user.one_tab.link() == std::nullopt);
  REQUIRE(turn.show(link_start + "x", 60s));
  CHECK(user.one_tab.link() == link_start + "x");
  struct stat file {};
  REQUIRE(::stat(user.state_file().c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0600);
  REQUIRE(::stat(user.state_file().parent_path().c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0700);
  std::vector<std::string> names;
  const auto state = user.state();
  for (const auto& [name, value] : state.items()) names.push_back(name);
  CHECK(names == std::vector<std::string>{"version", "pid", "started", "begun", "link", "expires"});

  SECTION("after the end") {
    turn.end(SignInEnd::declined);
    CHECK(user.one_tab.link() == std::nullopt);
    CHECK(user.state()["link"] == "");
  }
  SECTION("after its time") {
    REQUIRE(turn.show(link_start + "x", 0s));
    CHECK(user.one_tab.link() == std::nullopt);
  }
  SECTION("after a turn without an end") {
    outcome = OneTab::Outcome(OneTab::OutOfTime{});
    CHECK_FALSE(fs::exists(user.state_file()));
  }
}

TEST_CASE("A link that may not be opened is neither shown nor believed") {
  const User user;
  auto outcome = user.one_tab.take_turn(user.waiting());
  auto& turn = std::get<OneTab::Turn>(*outcome);
  CHECK_FALSE(turn.show("file:///etc/passwd", 60s));
  CHECK(user.one_tab.link() == std::nullopt);
  REQUIRE(turn.show(link_start + "x", 60s));
  auto state = user.state();
  state["link"] = "javascript:alert(1)";
  std::ofstream(user.state_file()) << clickflow::to_text(state);
  CHECK(user.one_tab.link() == std::nullopt);
}

TEST_CASE("What a dead process, or nobody, left behind is not shown and stops nobody") {
  const User user;
  {
    auto outcome = user.one_tab.take_turn(user.waiting());
    REQUIRE(std::get<OneTab::Turn>(*outcome).show(link_start + "x", 60s));
    auto state = user.state();
    const auto change = GENERATE(0, 1, 2, 3, 4, 5, 6);
    CAPTURE(change);
    if (change == 0) state["pid"] = 0x7ffffff0;
    if (change == 1)
      state["started"] = state["started"].get<uint64_t>() + 1;  // the number was given out again
    if (change == 2) state["version"] = 99;
    if (change == 3) state["end"] = 99;
    if (change == 4) state["link"] = 7;
    if (change == 5) state = nullptr;
    if (change == 6) state.erase("pid");
    std::ofstream(user.state_file()) << clickflow::to_text(state);
    CHECK(user.one_tab.link() == std::nullopt);
    auto other = user.one_tab.take_turn(user.waiting(0ms));
    CHECK(std::holds_alternative<OneTab::OutOfTime>(*other));
    CHECK(lines(user.links).empty());
  }
  std::ofstream(user.state_file()) << "{ half a fi";
  auto outcome = user.one_tab.take_turn(user.waiting(0ms));
  CHECK(std::holds_alternative<OneTab::Turn>(*outcome));
}
