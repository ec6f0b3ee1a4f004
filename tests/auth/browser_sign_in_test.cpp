#include "clickflow/auth/browser_sign_in.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <future>
#include <memory>
#include <thread>

#include "clickflow/auth/loopback_listener.h"
#include "clickflow/base/form.h"
#include "support/raw_connection.h"
#include "support/sign_in_rig.h"
#include "support/waiting.h"

using namespace clickflow;
using namespace clickflow::auth;
using namespace clickflow::testing;
using namespace std::chrono_literals;

namespace {

/// Keeps the links; the person opens them when the test says so.
class Tabs : public Browser {
 public:
  Result<void> open(const std::string& url) override {
    std::lock_guard lock(mutex_);
    links_.push_back(url);
    return {};
  }
  std::vector<std::string> links() const {
    std::lock_guard lock(mutex_);
    return links_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> links_;
};

struct Fixture : SignInRig {
  Fixture() { how.surroundings.display = true; }

  Tabs tabs;
  BrowserSignIn::Settings how;
  std::unique_ptr<BrowserSignIn> made;

  BrowserSignIn& sign_in() {
    if (!made) {
      made = std::make_unique<BrowserSignIn>(SignInContext{http, store, settings, clock}, tabs,
                                             OneTab(folder.path(), "tab"), how);
    }
    return *made;
  }
  Result<void> call(Occasion occasion = {{}, true, {}, {}}) { return call(sign_in(), occasion); }
  Result<void> call(BrowserSignIn& in, const Occasion& occasion) {
    return in.sign_in(
        request("a"),
        [this]() -> Result<bool> {
          const auto tokens = store.load();
          return tokens && *tokens;
        },
        occasion);
  }
  /// The browser comes back with that query; returns the page that it gets.
  static std::string come_back(const std::string& link, const std::string& query) {
    const auto asked = Form::decode(link.substr(link.find('?') + 1)).value();
    const Url callback = Url::parse(asked.get("redirect_uri").value()).value();
    const std::string host = callback.origin().substr(7);
    RawConnection browser(static_cast<uint16_t>(std::stoi(host.substr(host.find(':') + 1))));
    browser.send("GET /callback?" + query + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    return browser.read_all();
  }
  std::string agree(const std::string& link) { return come_back(link, server.agree(link)); }
  std::string first_link() {
    eventually([&] { return !tabs.links().empty(); });
    return tabs.links().at(0);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "Many calls that want a sign-in open one tab, and all go on when it is done") {
  sign_in();
  std::atomic<int> good = 0, told = 0;
  std::vector<std::thread> calls;
  for (int i = 0; i < 6; ++i) {
    calls.emplace_back([&] {
      if (call({{}, true, [&](std::string_view) { ++told; }, {}})) ++good;
    });
  }
  const std::string link = first_link();
  CHECK(eventually([&] { return told == 6; }));
  CHECK(agree(link).find("signed in") != std::string::npos);
  for (auto& thread : calls) thread.join();
  CHECK(good == 6);
  CHECK(tabs.links() == std::vector<std::string>{link});
  CHECK(*store.load());
}

TEST_CASE_METHOD(Fixture, "A call that has waited long enough gets the link, whose tab goes on working") {
  how.patience = 50ms;
  const auto late = call();
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::unauthenticated);
  const std::string link = first_link();
  CHECK(late.error().remedy.find(link) != std::string::npos);
  const auto again = call();
  CHECK(again.error().remedy.find(link) != std::string::npos);
  CHECK(tabs.links().size() == 1);
  agree(link);
  CHECK(eventually([&] { return call().has_value(); }));
  CHECK(tabs.links().size() == 1);
}

TEST_CASE_METHOD(Fixture, "A link that the assistant shows opens no browser") {
  how.patience = 50ms;
  std::string shown;
  CHECK_FALSE(call({{}, true, {}, [&](const std::string& link) {
                      shown = link;
                      return true;
                    }}));
  CHECK(shown.starts_with("https://login.example.org/authorize?"));
  CHECK(tabs.links().empty());
}

TEST_CASE_METHOD(Fixture,
                 "Where no browser reaches the person none is opened, and the words say what to do") {
  how.patience = 50ms;
  how.surroundings.display = false;
  how.surroundings.ssh = true;
  const auto late = call();
  REQUIRE_FALSE(late);
  CHECK(late.error().remedy.find("https://login.example.org/authorize?") != std::string::npos);
  CHECK(late.error().remedy.find("over SSH") != std::string::npos);
  CHECK(tabs.links().empty());
}

TEST_CASE_METHOD(Fixture, "A callback port that another has fails the sign-in, and the next can have it") {
  auto other = LoopbackListener::start(0, [](auto) { return LoopbackListener::Verdict::accept; });
  REQUIRE(other);
  how.callback_port = (*other)->port();
  const auto failed = call();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::invalid_input);
  CHECK(failed.error().message().find("--callback-port") != std::string::npos);
  CHECK(tabs.links().empty());
  CHECK(server.registrations == 0);
  other->reset();
  auto person = std::async(std::launch::async, [&] { agree(first_link()); });
  CHECK(call());
  person.get();
}

TEST_CASE_METHOD(Fixture, "An answer in another issuer's name ends the sign-in, and its code goes nowhere") {
  auto attacker = std::async(std::launch::async, [&] {
    const std::string link = first_link();
    const std::string good = server.agree(link);
    const std::string guessed = come_back(link, "code=stolen&state=guessed");
    return std::pair(guessed,
                     come_back(link, good.substr(0, good.find("&iss=")) + "&iss=https%3A%2F%2Fevil.example"));
  });
  const auto mixed_up = call();
  const auto [guessed, forged] = attacker.get();
  CHECK(guessed.ends_with(html(CallbackPage::wrong_hit)));
  CHECK(forged.ends_with(html(CallbackPage::failed)));
  REQUIRE_FALSE(mixed_up);
  CHECK(http.count("POST https://login.example.org/token") == 0);
  CHECK_FALSE(*store.load());
}

TEST_CASE_METHOD(Fixture, "A call that is cancelled ends at once, and leaves the tab to the next") {
  const Cancellation cancellation;
  auto impatient = std::async(std::launch::async, [&] {
    first_link();
    cancellation.cancel();
  });
  const Stopwatch took;
  CHECK(call({cancellation, true, {}, {}}).error().code == ErrorCode::cancelled);
  CHECK(took.elapsed() < 5s);
  impatient.get();
  auto person = std::async(std::launch::async, [&] { agree(first_link()); });
  CHECK(call());
  person.get();
  CHECK(tabs.links().size() == 1);
}

TEST_CASE_METHOD(Fixture, "A process that ends leaves its sign-in, and the registration, to another") {
  BrowserSignIn other({http, store, settings, clock}, tabs, OneTab(folder.path(), "tab"), how);
  how.patience = 50ms;
  CHECK_FALSE(call());
  std::atomic<bool> told = false;
  auto waiting = std::async(std::launch::async, [&] {
    return call(other, {{}, true, [&](std::string_view) { told = true; }, {}});
  });
  CHECK(eventually([&] { return told.load(); }));
  made.reset();
  REQUIRE(eventually([&] { return tabs.links().size() == 2; }));
  agree(tabs.links()[1]);
  CHECK(waiting.get());
  CHECK(server.registrations == 1);
}

TEST_CASE_METHOD(Fixture, "A call that is cancelled while it registers has failed nobody else's sign-in") {
  const Cancellation cancellation;
  http.handle(issuer + "/register", [&](const http::Request&) {
    cancellation.cancel();
    return Answer{};
  });
  CHECK(call({cancellation, true, {}, {}}).error().code == ErrorCode::cancelled);
  // Those who wait for an end would find it in there.
  CHECK_FALSE(std::filesystem::exists(folder.path() / "tab.json"));
}
