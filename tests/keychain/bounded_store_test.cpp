#include "../../src/keychain/bounded_store.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <map>
#include <thread>

#include "support/waiting.h"

using namespace clickflow;
using namespace clickflow::keychain;
using clickflow::testing::eventually;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

/// What the test and the backend, which may outlive it, both look at.
struct Keychain {
  std::atomic<bool> hangs = false;
  std::atomic<bool> deaf = false;  ///< hangs on, even when nobody waits any more
  std::atomic<int> calls = 0;
  std::atomic<int> at_once = 0, most_at_once = 0;
  std::atomic<bool> freed = false;
  std::map<std::string, Secret> entries;
};

class FakeBackend : public Backend {
 public:
  explicit FakeBackend(std::shared_ptr<Keychain> keychain) : keychain_(std::move(keychain)) {}
  ~FakeBackend() override { keychain_->freed = true; }

  Result<std::optional<Secret>> read(const std::string& key, const Cancellation& given_up) override {
    work(given_up);
    const auto found = keychain_->entries.find(key);
    if (found == keychain_->entries.end()) return std::nullopt;
    return found->second;
  }
  Result<void> write(const std::string& key, const Secret& secret, const Cancellation& given_up) override {
    work(given_up);
    keychain_->entries.insert_or_assign(key, secret);
    return {};
  }
  Result<bool> remove(const std::string& key, const Cancellation& given_up) override {
    work(given_up);
    return keychain_->entries.erase(key) > 0;
  }
  std::string description() const override { return "the fake"; }

 private:
  void work(const Cancellation& given_up) {
    ++keychain_->calls;
    const int now = ++keychain_->at_once;
    if (now > keychain_->most_at_once) keychain_->most_at_once = now;
    while (keychain_->hangs && (keychain_->deaf || !given_up.cancelled())) std::this_thread::sleep_for(1ms);
    --keychain_->at_once;
  }

  const std::shared_ptr<Keychain> keychain_;
};

struct Fixture {
  std::shared_ptr<Keychain> keychain = std::make_shared<Keychain>();

  BoundedStore store(std::chrono::milliseconds limit) {
    return BoundedStore(std::make_unique<FakeBackend>(keychain), limit);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "A keychain that answers is heard") {
  auto bounded = store(10s);
  CHECK_FALSE(*bounded.read("a"));
  REQUIRE(bounded.write("a", Secret("value")));
  CHECK((*bounded.read("a"))->expose() == "value");
  CHECK(*bounded.remove("a"));
  CHECK_FALSE(*bounded.remove("a"));
}

TEST_CASE_METHOD(Fixture, "A keychain that hangs costs its callers the limit and no more") {
  keychain->hangs = true;
  keychain->deaf = GENERATE(false, true);
  auto bounded = store(50ms);
  for (int i = 0; i < 3; ++i) {
    const auto before = Clock::now();
    const auto entry = bounded.read("a");
    CHECK(Clock::now() - before < 2s);
    REQUIRE_FALSE(entry);
    CHECK(entry.error().code == ErrorCode::timed_out);
    CHECK(entry.error().what == "The fake did not answer in time.");
  }
  CHECK(keychain->most_at_once == 1);
  keychain->hangs = false;
}

TEST_CASE_METHOD(Fixture, "What a caller has given up before it began is never done") {
  keychain->hangs = keychain->deaf = true;
  auto bounded = store(1s);
  CHECK_FALSE(bounded.read("a"));
  CHECK_FALSE(bounded.write("a", Secret("too late")));
  CHECK(keychain->calls == 1);
  keychain->hangs = false;
  // The same store serves again as soon as the keychain does.
  CHECK(eventually([&] { return bounded.read("a").has_value(); }));
  const auto entry = bounded.read("a");
  REQUIRE(entry);
  CHECK_FALSE(*entry);
}

TEST_CASE_METHOD(Fixture, "A store can be left while its keychain hangs") {
  keychain->hangs = true;
  const bool deaf = GENERATE(false, true);
  keychain->deaf = deaf;
  const auto before = Clock::now();
  {
    auto bounded = store(20ms);
    CHECK_FALSE(bounded.read("a"));
  }
  CHECK(Clock::now() - before < 5s);
  // A thread that has ended frees what it holds in its own time.
  if (deaf) {
    CHECK_FALSE(keychain->freed);
  } else {
    CHECK(eventually([&] { return keychain->freed.load(); }));
  }
  // The thread that was left behind frees what it holds when it comes back.
  keychain->hangs = false;
  CHECK(eventually([&] { return keychain->freed.load(); }));
}

TEST_CASE_METHOD(Fixture, "Calls from many threads go one after another") {
  auto bounded = store(30s);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&bounded, i] {
      for (int n = 0; n < 20; ++n) (void)bounded.write("key" + std::to_string(i), Secret(std::to_string(n)));
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(keychain->most_at_once == 1);
  CHECK(keychain->calls == 160);
  CHECK((*bounded.read("key7"))->expose() == "19");
}

TEST_CASE_METHOD(Fixture, "A key or a value that no keychain could hold does not reach it") {
  auto bounded = store(10s);
  for (const std::string& key : {std::string(), std::string("a\nb"), std::string("a\0b", 3), std::string("ä"),
                                 std::string(256, 'x')}) {
    CHECK(bounded.read(key).error().code == ErrorCode::invalid_input);
    CHECK(bounded.write(key, Secret("x")).error().code == ErrorCode::invalid_input);
    CHECK(bounded.remove(key).error().code == ErrorCode::invalid_input);
  }
  CHECK(bounded.write("a", Secret(std::string(max_secret_size + 1, 'x'))).error().code ==
        ErrorCode::invalid_input);
  CHECK(keychain->calls == 0);
  CHECK(bounded.write(std::string(255, 'x'), Secret(std::string(max_secret_size, 'x'))));
}
