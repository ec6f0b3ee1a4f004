#include "../../src/keychain/split_store.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <functional>
#include <map>

#include "support/temporary_folder.h"

using namespace clickflow;
using namespace clickflow::keychain;
using clickflow::testing::TemporaryFolder;

namespace {

struct Crash {};

/// What outlives a process: the entries, and where the next process is to crash.
struct Machine {
  TemporaryFolder folder;
  std::map<std::string, std::string> entries;
  int steps_to_live = -1;               ///< for ever
  bool crash_after_the_step = false;    ///< the step was done, and nobody came to know
  std::function<void()> after_reading;  ///< what another process does in between; once
};

/// Windows' rules: a limit on what an entry holds.
class FakeParts : public PartStore {
 public:
  explicit FakeParts(Machine& machine) : machine_(machine) {}

  Result<bool> read(const std::string& name, std::string& text) override {
    step([] {});
    const auto found = machine_.entries.find(name);
    const bool there = found != machine_.entries.end();
    if (there) text += found->second;
    if (auto event = std::exchange(machine_.after_reading, nullptr)) event();
    return there;
  }
  Result<void> write(const std::string& name, const std::string&, std::string_view bytes) override {
    if (bytes.size() > most) return fail(ErrorCode::system, "The stub received bad data.", "");
    step([&] { machine_.entries[name] = bytes; });
    return {};
  }
  Result<void> remove(const std::string& name) override {
    step([&] { machine_.entries.erase(name); });
    return {};
  }
  Result<std::vector<std::string>> names(const std::string& prefix) override {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : machine_.entries) {
      if (name.starts_with(prefix)) names.push_back(name);
    }
    return names;
  }
  Result<FileLock> lock() override { return FileLock::acquire(machine_.folder.path() / "lock", 1000); }
  std::string description() const override { return "the fake"; }

 private:
  template <class Action>
  void step(const Action& action) {
    const bool crash = machine_.steps_to_live == 0;
    if (machine_.steps_to_live > 0) --machine_.steps_to_live;
    if (!crash || machine_.crash_after_the_step) action();
    if (crash) throw Crash{};
  }

  Machine& machine_;
};

SplitStore process(Machine& machine) {
  return SplitStore(std::make_unique<FakeParts>(machine));
}

const std::string key = "work https://login.example";
const Cancellation nobody_gives_up;

Result<std::optional<Secret>> read(Machine& machine) {
  return process(machine).read(key, nobody_gives_up);
}

void write(Machine& machine, const std::string& value) {
  REQUIRE(process(machine).write(key, Secret(value), nobody_gives_up));
}

std::string text(size_t size, char first) {
  std::string result(size, first);
  for (size_t i = 0; i < size; ++i) result[i] = static_cast<char>(first + i * 7 % 23);
  return result;
}

/// Runs `work` in a process that ends at its `steps`th step, or doesn't come so far. True if it crashed.
template <class Work>
bool crashes(Machine& machine, int steps, bool after, const Work& work) {
  machine.steps_to_live = steps;
  machine.crash_after_the_step = after;
  bool crashed = false;
  try {
    work();
  } catch (const Crash&) {
    crashed = true;
  }
  machine.steps_to_live = -1;
  return crashed;
}

}  // namespace

TEST_CASE("A split entry reads as it was written, whatever its length") {
  const size_t size = GENERATE(0, 1, 2559, 2560, 2561, 5120, 20000, 65536);
  CAPTURE(size);
  Machine machine;
  const std::string value = text(size, '0');
  write(machine, value);
  const auto entry = read(machine);
  REQUIRE(entry);
  REQUIRE(*entry);
  CHECK((*entry)->expose() == value);
  CHECK(machine.entries.size() == 1 + (size + 2559) / 2560);
}

TEST_CASE("A split entry that was never written is not found, which is no error") {
  Machine machine;
  const auto entry = read(machine);
  REQUIRE(entry);
  CHECK_FALSE(*entry);
  const auto removed = process(machine).remove(key, nobody_gives_up);
  REQUIRE(removed);
  CHECK_FALSE(*removed);
}

TEST_CASE("Split entries whose keys are alike stay apart, even where names know no case") {
  Machine machine;
  auto store = process(machine);
  const std::vector<std::string> keys{"a", "A", "a#", "a#0123456789abcdef.0", "a*", "ab"};
  for (const auto& k : keys) REQUIRE(store.write(k, Secret("secret of " + k), nobody_gives_up));
  REQUIRE(*store.remove("a", nobody_gives_up));
  for (const auto& k : keys) {
    CAPTURE(k);
    const auto entry = store.read(k, nobody_gives_up);
    REQUIRE(entry);
    CHECK(entry->has_value() == (k != "a"));
  }
  for (const auto& [name, bytes] : machine.entries) {
    CHECK(name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ*") == std::string::npos);
  }
}

TEST_CASE("Overwriting leaves nothing of the old value behind") {
  Machine machine;
  write(machine, text(20000, 'A'));
  write(machine, text(3000, 'a'));
  CHECK((*read(machine))->expose() == text(3000, 'a'));
  CHECK(machine.entries.size() == 3);
}

TEST_CASE("A writer that crashes at any step leaves the old value or the new one, and the next cleans up") {
  const bool after = GENERATE(false, true);
  const std::string before = text(6000, 'A'), later = text(9000, 'a'), last = text(4000, '0');
  bool seen_old = false, seen_new = false;
  int steps = 0;
  for (bool crashed = true; crashed; ++steps) {
    CAPTURE(after, steps);
    Machine machine;
    write(machine, before);
    crashed = crashes(machine, steps, after,
                      [&] { (void)process(machine).write(key, Secret(later), nobody_gives_up); });
    const auto entry = read(machine);
    REQUIRE(entry);
    REQUIRE(*entry);
    const bool is_new = (*entry)->expose() == later;
    CHECK((is_new || (*entry)->expose() == before));
    CHECK((is_new || !seen_new));  // once there, it stays
    (is_new ? seen_new : seen_old) = true;

    write(machine, last);
    CHECK((*read(machine))->expose() == last);
    CHECK(machine.entries.size() == 3);
  }
  CHECK(seen_old);
  CHECK(seen_new);
  CHECK(steps > 7);  // four parts, a head, three removals
}

TEST_CASE("A first write that crashes before its end leaves nothing that can be read") {
  for (int steps = 0; steps < 3; ++steps) {
    Machine machine;
    REQUIRE(crashes(machine, steps, true,
                    [&] { (void)process(machine).write(key, Secret(text(9000, 'a')), nobody_gives_up); }));
    const auto entry = read(machine);
    REQUIRE(entry);
    CHECK_FALSE(*entry);
    // And signing out takes the pieces with it.
    REQUIRE(process(machine).remove(key, nobody_gives_up));
    CHECK(machine.entries.empty());
  }
}

TEST_CASE("A removal that crashes at any step leaves the value or none, and the next one finishes it") {
  const bool after = GENERATE(false, true);
  int steps = 0;
  for (bool crashed = true; crashed; ++steps) {
    CAPTURE(after, steps);
    Machine machine;
    write(machine, text(9000, 'a'));
    crashed = crashes(machine, steps, after, [&] { (void)process(machine).remove(key, nobody_gives_up); });
    const auto entry = read(machine);
    REQUIRE(entry);
    CHECK((!*entry || (*entry)->expose() == text(9000, 'a')));
    REQUIRE(process(machine).remove(key, nobody_gives_up));
    CHECK(machine.entries.empty());
  }
  CHECK(steps > 5);
}

TEST_CASE("A reader that is overtaken by a writer gets the new value") {
  Machine machine;
  write(machine, text(6000, 'A'));
  machine.after_reading = [&] { write(machine, text(7000, 'a')); };
  const auto entry = read(machine);
  REQUIRE(entry);
  REQUIRE(*entry);
  CHECK((*entry)->expose() == text(7000, 'a'));
}

TEST_CASE("A reader that is overtaken by a removal finds nothing") {
  Machine machine;
  write(machine, text(6000, 'A'));
  machine.after_reading = [&] { (void)process(machine).remove(key, nobody_gives_up); };
  const auto entry = read(machine);
  REQUIRE(entry);
  CHECK_FALSE(*entry);
}

TEST_CASE("A writer waits for the other one") {
  Machine machine;
  const auto held = FileLock::acquire(machine.folder.path() / "lock", 0);
  const auto written = process(machine).write(key, Secret("x"), nobody_gives_up);
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::timed_out);
  CHECK(machine.entries.empty());
}

TEST_CASE("A split entry that was tampered with is damaged, never half a token") {
  const std::string how = GENERATE("part gone", "part changed", "part short", "head cut",
                                   "head from the future", "too many parts");
  CAPTURE(how);
  Machine machine;
  write(machine, text(6000, 'A'));
  std::string& head = machine.entries.begin()->second;
  auto part = std::next(machine.entries.begin());
  if (how == "part gone") machine.entries.erase(part);
  if (how == "part changed") part->second[5] ^= 1;
  if (how == "part short") part->second.pop_back();
  if (how == "head cut") head.resize(20);
  if (how == "head from the future") head[0] = '2';
  if (how == "too many parts") head.replace(head.find(" 3 "), 3, " 300000000 ");
  const auto entry = read(machine);
  REQUIRE_FALSE(entry);
  CHECK(entry.error().code == ErrorCode::keychain_damaged);
  CHECK(entry.error().message() != entry.error().what);

  write(machine, "new");
  CHECK((*read(machine))->expose() == "new");
  CHECK(machine.entries.size() == 2);
}
