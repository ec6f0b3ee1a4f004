#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "clickflow/auth/browser.h"
#include "support/temporary_folder.h"
#include "support/waiting.h"

using clickflow::ErrorCode;
using clickflow::auth::Environment;
using clickflow::auth::make_system_browser;
using clickflow::auth::Surroundings;
using clickflow::testing::eventually;
using clickflow::testing::patience;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// Characters that a shell would not leave alone, as far as an address may have them.
const std::string url = "https://example.com/authorize?a=1&b=%24%28touch%20x%29&c=~+*;,!@&d=[x]";

// Writes down how it was started.
constexpr const char* reporter = R"script(#!/bin/bash
PATH=/usr/bin:/bin
descriptors=$(for f in /proc/$$/fd/*; do echo "fd${f##*/}=$(readlink "$f")"; done)
{
  echo "program=${0##*/}"; echo "count=$#"
  for a in "$@"; do echo "arg=$a"; done
  echo "$descriptors"
  read -r _ _ _ _ group session _ < /proc/$$/stat
  echo "pid=$$"; echo "group=$group"; echo "session=$session"
  grep -E '^Sig(Ign|Blk)' /proc/$$/status
  tr '\0' '\n' < /proc/$$/environ | sed 's/^/env:/'
} > "$OUT.new"
mv "$OUT.new" "$OUT"
)script";

// The same in a moment, for tests that start many.
constexpr const char* short_reporter =
    "#!/bin/sh\nPATH=/usr/bin:/bin\n{ echo \"program=${0##*/}\"; echo \"count=$#\"; } > \"$OUT.new\"; mv "
    "\"$OUT.new\" \"$OUT\"\n";

// Nothing of the kind, for programs that have to fail while they are waited for.
constexpr const char* silent = "#!/bin/sh\n";

/// A machine with programs of our making: each writes down how it was started and ends with the given status.
struct Machine {
  Machine() {
    environment = {{"PATH", folder.path().string()},
                   {"OUT", (folder.path() / "out").string()},
                   {"HOME", "/nonexistent"},
                   {"CLICKFLOW_API_KEY", "cf_ak_secret"},
                   {"CLICKFLOW_CLIENT_SECRET", "hush"},
                   {"clickflow_api_key", "cf_ak_secret"}};
    surroundings.display = true;
  }

  void add(const std::string& name, const std::string& end = "exit 0", const char* script = reporter) {
    const fs::path file = folder.path() / name;
    std::ofstream(file) << script << end << "\n";
    ::chmod(file.c_str(), 0755);
  }

  clickflow::Result<void> open(const std::string& address = url) const {
    fs::remove(folder.path() / "out");
    return make_system_browser(environment, surroundings)->open(address);
  }

  /// On a busy machine a program is still writing when it is no longer waited for.
  std::string report() const {
    eventually([&] { return fs::exists(folder.path() / "out"); });
    return report_so_far();
  }
  std::string report_so_far() const {
    std::ifstream file(folder.path() / "out");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool says(const std::string& line) const {
    return eventually([&] { return ("\n" + report_so_far()).find("\n" + line + "\n") != std::string::npos; });
  }
  std::string value(const std::string& name) const {
    const std::string text = "\n" + report();
    const size_t at = text.find("\n" + name + "=");
    if (at == std::string::npos) return {};
    const size_t start = at + name.size() + 2;
    return text.substr(start, text.find('\n', start) - start);
  }

  /// The shell adds signals of its own to these sets.
  bool has_signal(const std::string& set, int signal) const {
    const std::string text = report();
    const size_t at = text.find(set + ":\t");
    return at == std::string::npos ||
           (std::stoull(text.substr(at + set.size() + 2, 16), nullptr, 16) >> (signal - 1) & 1) != 0;
  }

  clickflow::testing::TemporaryFolder folder;
  Environment environment;
  Surroundings surroundings;
};

}  // namespace

TEST_CASE("The opener gets the address as its one argument, and no shell sees it") {
  Machine machine;
  machine.add("xdg-open");
  REQUIRE(machine.open());
  INFO(machine.report());
  CHECK(machine.says("program=xdg-open"));
  CHECK(machine.says("count=1"));
  CHECK(machine.says("arg=" + url));
  CHECK_FALSE(fs::exists("x"));
}

TEST_CASE("The opener's streams are the null device, and it has no other descriptor of ours") {
  Machine machine;
  machine.add("xdg-open");
  const int leaky = ::open("/dev/zero", O_RDONLY);  // without O_CLOEXEC, as a library might
  REQUIRE(leaky >= 0);
  REQUIRE(machine.open());
  ::close(leaky);
  INFO(machine.report());
  CHECK(machine.says("fd0=/dev/null"));
  CHECK(machine.says("fd1=/dev/null"));
  CHECK(machine.says("fd2=/dev/null"));
  CHECK(machine.report().find("/dev/zero") == std::string::npos);
}

TEST_CASE("The opener's environment is ours without anything of ours") {
  Machine machine;
  machine.environment["BROWSER"] = "evil %s &";
  machine.add("xdg-open");
  REQUIRE(machine.open());
  INFO(machine.report());
  CHECK(machine.says("env:HOME=/nonexistent"));
  CHECK(machine.report().find("env:CLICKFLOW") == std::string::npos);
  CHECK(machine.report().find("env:clickflow") == std::string::npos);
  CHECK(machine.report().find("cf_ak_") == std::string::npos);
  CHECK(machine.report().find("BROWSER") == std::string::npos);
}

TEST_CASE("The opener has a session of its own and the usual signal settings") {
  Machine machine;
  machine.add("xdg-open");
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  const auto opened = machine.open();
  ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
  ::signal(SIGPIPE, before);
  REQUIRE(opened);
  INFO(machine.report());
  CHECK(machine.value("session") == machine.value("pid"));
  CHECK(machine.value("group") == machine.value("pid"));
  CHECK(std::stoi(machine.value("session")) != ::getsid(0));
  CHECK_FALSE(machine.has_signal("SigBlk", SIGTERM));
  CHECK_FALSE(machine.has_signal("SigIgn", SIGPIPE));
}

TEST_CASE("A browser that stays is not waited for, outlives the one who opened it, and leaves no zombie") {
  Machine machine;
  machine.add(
      "xdg-open",
      R"(for i in $(seq 200); do [ -e "$OUT.close" ] && break; sleep 0.1; done; echo lived > "$OUT.end")");
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(machine.open());
  CHECK(std::chrono::steady_clock::now() - start < patience);
  const std::string process = "/proc/" + machine.value("pid");
  CHECK(fs::exists(process));
  std::ofstream(machine.folder.path() / "out.close") << "now";
  CHECK(eventually([&] { return !fs::exists(process); }));  // a zombie would still be there
  CHECK(fs::exists(machine.folder.path() / "out.end"));
}

TEST_CASE("An opener that fails makes room for the next, and at the end there is a sentence") {
  Machine machine;
  machine.add("my-browser", "exit 3", silent);
  machine.environment["BROWSER"] = "my-browser";
  SECTION("and the next can do it") {
    machine.add("xdg-open", "exit 0", short_reporter);
    REQUIRE(machine.open());
    CHECK(machine.says("program=xdg-open"));
  }
  SECTION("and there is none") {
    machine.add("xdg-open", "exit 4", silent);
    const auto result = machine.open();
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::system);
    CHECK(result.error().remedy == "Open the link yourself, or sign in with --no-browser.");
  }
}

TEST_CASE("$BROWSER counts as a plain program and as nothing else") {
  Machine machine;
  machine.add("xdg-open", "exit 0", short_reporter);
  machine.add("my-browser", "exit 0", short_reporter);
  const std::string folder = machine.folder.path().string();
  for (const std::string& plain : {std::string("my-browser"), folder + "/my-browser"}) {
    CAPTURE(plain);
    machine.environment["BROWSER"] = plain;
    REQUIRE(machine.open());
    CHECK(machine.says("program=my-browser"));
    CHECK(machine.says("count=1"));
  }
  const std::string marker = folder + "/marker";
  for (const std::string& trick :
       {std::string("my-browser %s"), std::string("my-browser --flag"), "touch " + marker,
        std::string("my-browser:other"), "my-browser;touch " + marker, "$(touch " + marker + ")",
        std::string("-my-browser"), std::string("./my-browser"), std::string("../my-browser"),
        std::string("bin/my-browser"), std::string("my-browser&"), std::string(" my-browser"),
        std::string("my-browser\n")}) {
    CAPTURE(trick);
    machine.environment["BROWSER"] = trick;
    REQUIRE(machine.open());
    CHECK(machine.says("program=xdg-open"));
    CHECK_FALSE(fs::exists(marker));
  }
}

TEST_CASE("Under WSL the page opens on the Windows side") {
  Machine machine;
  machine.surroundings.wsl = true;
  machine.surroundings.display = false;
  machine.add("rundll32.exe");
  machine.add("xdg-open");
  SECTION("with wslview") {
    machine.add("wslview");
    REQUIRE(machine.open());
    CHECK(machine.says("program=wslview"));
    CHECK(machine.says("count=1"));
  }
  SECTION("without it") {
    REQUIRE(machine.open());
    CHECK(machine.says("program=rundll32.exe"));
    CHECK(machine.says("count=2"));
    CHECK(machine.says("arg=url.dll,FileProtocolHandler"));
    CHECK(machine.says("arg=" + url));
  }
}

TEST_CASE("Without a display nothing is started that would need one") {
  Machine machine;
  machine.surroundings.display = false;
  machine.add("xdg-open");
  CHECK_FALSE(machine.open());
  CHECK(machine.report_so_far().empty());
}

TEST_CASE("Programs beside the place we were started from are not openers") {
  Machine machine;
  machine.add("xdg-open");
  const fs::path before = fs::current_path();
  fs::current_path(machine.folder.path());
  machine.environment["PATH"] = ":.::bin";
  machine.environment["BROWSER"] = "xdg-open-of-this-test";
  machine.add("xdg-open-of-this-test");
  machine.surroundings.display = false;
  CHECK_FALSE(machine.open());
  CHECK(machine.report_so_far().empty());
  fs::current_path(before);
}

TEST_CASE("What may not be opened reaches no program") {
  Machine machine;
  machine.add("xdg-open");
  for (const char* trick : {"file:///etc/passwd", "javascript:alert(1)", "https://example.com/$(id)",
                            "--help", "https://user@example.com/", "http://example.com/"}) {
    CAPTURE(trick);
    const auto result = machine.open(trick);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::invalid_input);
  }
  CHECK(machine.report_so_far().empty());
}
