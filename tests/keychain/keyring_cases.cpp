// Run by with_keyring.sh: the system's keychain, for real, with GNOME Keyring behind it.
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "clickflow/base/file.h"
#include "clickflow/keychain/secret_store.h"
#include "keyring_session.h"
#include "support/captured_descriptor.h"
#include "support/environment.h"
#include "support/temporary_folder.h"
#include "support/waiting.h"

using namespace clickflow;
using namespace clickflow::keychain;
using namespace clickflow::testing;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

const std::string key = "work https://login.example";
// What a healthy keyring takes is milliseconds; what a prompt or a D-Bus timeout takes is 25 s and more.
constexpr auto at_once = 2s;

std::unique_ptr<SecretStore> open_store(Settings settings = {}) {
  auto store = make_secret_store(settings);
  REQUIRE(store);
  return std::move(*store);
}

std::unique_ptr<SecretStore> open_store_with_limit(std::chrono::milliseconds limit) {
  Settings settings;
  settings.limit = limit;
  return open_store(settings);
}

std::string value_of(SecretStore& store, const std::string& k = key) {
  const auto entry = store.read(k);
  if (!entry) FAIL(entry.error().message());
  REQUIRE(*entry);
  return std::string((*entry)->expose());
}

template <class Call>
auto timed(std::chrono::milliseconds limit, const Call& call) {
  const auto before = Clock::now();
  auto outcome = call();
  CHECK(Clock::now() - before < limit);
  return outcome;
}

/// Whether the threads that this process started have ended, or do in a moment. GLib gives its own threads
/// names.
bool no_thread_is_left() {
  const std::string name = *read_file("/proc/self/comm");
  for (const auto deadline = Clock::now() + 1s; Clock::now() < deadline; std::this_thread::sleep_for(5ms)) {
    int count = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      if (const auto comm = read_file(task.path() / "comm"); comm && *comm == name) ++count;
    }
    if (count == 1) return true;
  }
  return false;
}

long open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

}  // namespace

TEST_CASE("An entry of the keyring reads as it was written") {
  const std::string value =
      GENERATE(std::string("x"), std::string("Schlüssel 🔑 日本\n"), std::string(20480, 'q'),
               std::string(max_secret_size, 'z'), std::string());
  auto store = open_store();
  REQUIRE(store->write(key, Secret("the one before")));
  REQUIRE(store->write(key, Secret(value)));
  CHECK(value_of(*store) == value);
  CHECK(value_of(*open_store()) == value);  // another process would
  CHECK(*store->remove(key));
}

TEST_CASE("An entry that isn't in the keyring is not found, which is no error") {
  auto store = open_store();
  const auto entry = store->read("no such entry");
  REQUIRE(entry);
  CHECK_FALSE(*entry);
  CHECK_FALSE(*store->remove("no such entry"));
}

TEST_CASE("An entry is removed, and no other") {
  auto store = open_store();
  REQUIRE(store->write(key, Secret("one")));
  REQUIRE(store->write(key + "/", Secret("two")));
  CHECK(*store->remove(key));
  CHECK_FALSE(*store->read(key));
  CHECK(value_of(*store, key + "/") == "two");
  CHECK(*store->remove(key + "/"));
}

TEST_CASE("Calls leave no connection to the bus behind") {
  auto store = open_store();
  (void)store->read(key);
  const long before = open_descriptors();
  for (int i = 0; i < 20; ++i) (void)store->read(key);
  // GLib closes them in a thread of its own.
  CHECK(testing::eventually([&] { return open_descriptors() <= before; }));
}

TEST_CASE("Other programs find an entry by service and account, once however often it was written") {
  auto store = open_store();
  REQUIRE(store->write(key, Secret("one")));
  REQUIRE(store->write(key, Secret("two")));
  const std::string found =
      call_secret_service("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.SearchItems",
                          {"dict:string:string:service,clickflow-mcp,account," + key});
  const size_t first = found.find("/collection/login/");
  CHECK(first != std::string::npos);
  CHECK(found.find("/collection/login/", first + 1) == std::string::npos);
  CHECK(*store->remove(key));
}

TEST_CASE("A locked keyring is told as locked, at once, and nobody is asked") {
  auto store = open_store();
  REQUIRE(store->write(key, Secret("kept")));
  lock("login");
  BusMonitor bus;
  const auto entry = timed(at_once, [&] { return store->read(key); });
  const auto written = timed(at_once, [&] { return store->write(key, Secret("changed")); });
  const auto removed = timed(at_once, [&] { return store->remove(key); });
  CHECK(bus.prompts() == 0);
  REQUIRE_FALSE(entry);
  REQUIRE_FALSE(written);
  REQUIRE_FALSE(removed);
  for (const Error& error : {entry.error(), written.error(), removed.error()}) {
    CHECK(error.code == ErrorCode::keychain_locked);
    CHECK(error.what == "The desktop's keychain (Secret Service) is locked.");
  }
  restart_keyring();
  CHECK(value_of(*store) == "kept");
  CHECK(*store->remove(key));
}

TEST_CASE("Where a person may be asked, a locked keyring asks, within the limit") {
  Settings settings;
  settings.may_prompt = true;
  settings.limit = 3s;
  auto store = open_store(settings);
  lock("login");
  BusMonitor bus;
  const auto entry = timed(5s, [&] { return store->read(key); });
  CHECK(bus.prompts() == 1);
  // There is no display here to ask on.
  REQUIRE_FALSE(entry);
  CHECK((entry.error().code == ErrorCode::keychain_locked || entry.error().code == ErrorCode::timed_out));
  restart_keyring();
}

TEST_CASE("A keyring without a password opens by itself, and nobody is asked") {
  make_default("open");
  lock("open");
  {
    BusMonitor bus;
    auto store = open_store();
    REQUIRE(store->write(key, Secret("open")));
    lock("open");
    CHECK(value_of(*store) == "open");
    CHECK(bus.prompts() == 0);
  }
  make_default("login");
}

TEST_CASE("Signing out finds an entry in a keyring that is no longer the default") {
  auto store = open_store();
  make_default("open");
  REQUIRE(store->write(key, Secret("old")));
  make_default("login");
  CHECK_FALSE(*store->read(key));
  CHECK(*store->remove(key));
  make_default("open");
  CHECK_FALSE(*store->read(key));
  make_default("login");
}

TEST_CASE("A keyring that was restarted is found again by the process that used the old one") {
  auto store = open_store();
  REQUIRE(store->write(key, Secret("before")));
  restart_keyring();
  CHECK(value_of(*store) == "before");
  REQUIRE(store->write(key, Secret("after")));
  CHECK(value_of(*store) == "after");
  CHECK(*store->remove(key));
}

TEST_CASE("A keyring that has stopped answering costs the limit, and leaves no thread behind") {
  const bool in_the_middle = GENERATE(false, true);  // the process has talked to it before, or not
  CAPTURE(in_the_middle);
  const pid_t daemon = keyring_process();
  auto store = open_store_with_limit(700ms);
  if (in_the_middle) REQUIRE(store->write(key, Secret("before")));
  ::kill(daemon, SIGSTOP);
  for (int i = 0; i < 2; ++i) {
    const auto entry = timed(at_once, [&] { return store->read(key); });
    REQUIRE_FALSE(entry);
    CHECK(entry.error().code == ErrorCode::timed_out);
    CHECK(entry.error().what == "The desktop's keychain (Secret Service) did not answer in time.");
  }
  CHECK(timed(at_once, [&] { return store->write(key, Secret("after")); }).error().code ==
        ErrorCode::timed_out);
  store.reset();
  CHECK(no_thread_is_left());
  ::kill(daemon, SIGCONT);
  store = open_store();
  if (in_the_middle) CHECK(*store->remove(key));
}

TEST_CASE("A session bus that has stopped answering costs the limit") {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "bus").string();
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener, 5) == 0);

  const EnvironmentVariable bus("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + path);
  auto store = open_store_with_limit(700ms);
  Result<std::optional<Secret>> entry;
  // GLib may still have the connection of the test before: it gives it up in a thread of its own.
  REQUIRE(eventually([&] {
    entry = timed(at_once, [&] { return store->read(key); });
    return !entry;
  }));
  CHECK(entry.error().code == ErrorCode::timed_out);
  store.reset();
  CHECK(no_thread_is_left());
  ::close(listener);
}

TEST_CASE("Without a session bus that is what is said, and no bus is started") {
  const TemporaryFolder folder;
  // GLib would run this to start one.
  std::ofstream(folder.path() / "dbus-launch")
      << "#!/bin/sh\ntouch '" << folder.path().string() << "/started'\n";
  ::chmod((folder.path() / "dbus-launch").c_str(), 0700);
  const EnvironmentVariable path("PATH", folder.path().string() + ":" + ::getenv("PATH"));
  const std::optional<std::string> address =
      GENERATE(std::optional<std::string>(), std::optional<std::string>(""),
               std::optional<std::string>("autolaunch:"));
  const EnvironmentVariable bus("DBUS_SESSION_BUS_ADDRESS", address);
  const EnvironmentVariable display("DISPLAY", ":99");

  auto store = open_store();
  const auto entry = timed(at_once, [&] { return store->read(key); });
  REQUIRE_FALSE(entry);
  CHECK(entry.error().code == ErrorCode::keychain_no_bus);
  CHECK(entry.error().message() ==
        "The desktop's keychain (Secret Service) can't be reached without a D-Bus session bus. Start the "
        "program "
        "from a desktop session, or keep tokens in a file that only you can read, with --token-store file.");
  CHECK(store->write(key, Secret("x")).error().code == ErrorCode::keychain_no_bus);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "started"));
}

TEST_CASE("The bus that systemd keeps in the runtime folder is found without a variable") {
  const std::string address = ::getenv("DBUS_SESSION_BUS_ADDRESS");
  const size_t from = address.find("path=") + 5;
  const std::string socket = address.substr(from, address.find(',') - from);
  const TemporaryFolder runtime;
  // A link: with_keyring.sh's bus is elsewhere.
  std::filesystem::create_symlink(socket, runtime.path() / "bus");
  const EnvironmentVariable bus("DBUS_SESSION_BUS_ADDRESS", std::nullopt);
  const EnvironmentVariable folder("XDG_RUNTIME_DIR", runtime.path().string());
  auto store = open_store();
  const auto entry = store->read(key);
  if (!entry) FAIL(entry.error().message());
}

TEST_CASE("An address without a bus behind it is no session bus either") {
  const EnvironmentVariable bus("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
  const auto entry = timed(at_once, [] { return open_store()->read(key); });
  REQUIRE_FALSE(entry);
  CHECK(entry.error().code == ErrorCode::keychain_no_bus);
}

TEST_CASE("A session without a keychain service is told as that") {
  const EmptyBus empty;
  const EnvironmentVariable bus("DBUS_SESSION_BUS_ADDRESS", empty.address());
  const auto entry = timed(at_once, [] { return open_store()->read(key); });
  REQUIRE_FALSE(entry);
  CHECK(entry.error().code == ErrorCode::keychain_absent);
  CHECK(entry.error().what.find("no program offers it") != std::string::npos);
}

TEST_CASE("Nothing that the keychain's library has to say reaches stdout or stderr") {
  // Set for this whole run: GLib reads them once.
  REQUIRE(::getenv("G_MESSAGES_DEBUG") == std::string("all"));
  REQUIRE(::getenv("G_DBUS_DEBUG") == std::string("all"));
  CapturedDescriptor out(1), err(2);
  auto store = open_store();
  REQUIRE(store->write(key, Secret("quiet")));
  CHECK(value_of(*store) == "quiet");
  CHECK(*store->remove(key));
  CHECK(out.text() == "");
  CHECK(err.text() == "");
}

// The last one: GLib can't be told to leave this wait, and lets nobody else near the bus before it ends (25
// s).
TEST_CASE("A session bus that lets us in and then says nothing costs the limit, too") {
  const EmptyBus mute(false);
  const EnvironmentVariable bus("DBUS_SESSION_BUS_ADDRESS", mute.address());
  auto store = open_store_with_limit(700ms);
  for (int i = 0; i < 2; ++i) {
    const auto entry = timed(at_once, [&] { return store->read(key); });
    REQUIRE_FALSE(entry);
    CHECK(entry.error().code == ErrorCode::timed_out);
  }
  timed(at_once, [&] {
    store.reset();
    return 0;
  });
}
