#include "clickflow/base/process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

using clickflow::ProcessIdentity;

TEST_CASE("This process runs, and can be named and found again") {
  const auto self = ProcessIdentity::self();
  CHECK(self.id == ::getpid());
  CHECK(self.start > 0);
  CHECK(self.is_running());
  CHECK(ProcessIdentity::parse(self.to_string()) == self);
}

TEST_CASE("Another process with the same number is not the one that was meant") {
  auto earlier = ProcessIdentity::self();
  --earlier.start;
  CHECK_FALSE(earlier.is_running());
}

TEST_CASE("A killed process does not run, even before its parent has taken notice") {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  const auto process = ProcessIdentity::of(child);
  REQUIRE(process);
  CHECK(process->is_running());
  ::kill(child, SIGKILL);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
  CHECK_FALSE(process->is_running());
  ::waitpid(child, nullptr, 0);
  CHECK_FALSE(process->is_running());
}

TEST_CASE("What names no process is not taken for one") {
  for (const char* text : {"", "1", "1 ", " 1 2", "1 2 3", "a b", "-1 2", "0 2", "1 -2", "1 2\n"}) {
    CAPTURE(text);
    CHECK_FALSE(ProcessIdentity::parse(text));
  }
}
