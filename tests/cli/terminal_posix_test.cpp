#include "clickflow/cli/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "support/processes.h"
#include "support/waiting.h"

using clickflow::ErrorCode;
using clickflow::cli::Echo;
using clickflow::cli::WaitingLine;
using clickflow::testing::patience;
using clickflow::testing::Processes;
using namespace std::chrono_literals;

namespace {

/// A terminal with a process of ours on it, and a person who sees and types.
class Terminal {
 public:
  Terminal() : person_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    REQUIRE(person_ >= 0);
    ::grantpt(person_);
    ::unlockpt(person_);
  }
  ~Terminal() { ::close(person_); }

  void run(const std::function<int()>& work) {
    const std::string name = ::ptsname(person_);
    processes_.start([&] {
      ::setsid();
      const int terminal = ::open(name.c_str(), O_RDWR);
      ::ioctl(terminal, TIOCSCTTY, 0);
      for (int stream : {0, 1, 2}) ::dup2(terminal, stream);
      return work();
    });
  }
  void type(std::string_view keys) {
    while (!keys.empty()) {
      const ssize_t count = ::write(person_, keys.data(), keys.size());
      if (count > 0) keys.remove_prefix(static_cast<size_t>(count));
    }
  }
  /// Everything that was on the screen so far, once `text` is.
  const std::string& sees(const std::string& text, std::chrono::milliseconds limit = patience) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (screen_.find(text) == std::string::npos && std::chrono::steady_clock::now() < deadline) look();
    return screen_;
  }
  int exit_status() {
    const int status = processes_.wait_for_all(patience).at(0);
    look();
    return status;
  }
  const std::string& screen() const { return screen_; }
  termios settings() const {
    termios result{};
    ::tcgetattr(person_, &result);
    return result;
  }

 private:
  void look() {
    pollfd entry{person_, POLLIN, 0};
    char block[4096];
    if (::poll(&entry, 1, 20) <= 0) return;
    const ssize_t count = ::read(person_, block, sizeof block);
    if (count > 0) screen_.append(block, static_cast<size_t>(count));
  }

  const int person_;
  std::string screen_;
  Processes processes_;
};

// The asking process reports through its exit status; 40 + the code for a failure.
int ask_for(std::string_view expected, Echo echo) {
  const auto answer = clickflow::cli::ask("API key: ", echo);
  if (!answer) return 40 + static_cast<int>(answer.error().code);
  return answer->expose() == expected ? 0 : 1;
}

/// stdin is a pipe with `text` in it.
int with_stdin(const std::string& text, const std::function<int()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) return 99;
  const ssize_t written = ::write(ends[1], text.data(), text.size());
  ::close(ends[1]);
  ::dup2(ends[0], 0);
  ::close(ends[0]);
  return written == static_cast<ssize_t>(text.size()) ? work() : 98;
}

}  // namespace

TEST_CASE("A secret is asked for without showing it, and the terminal is afterwards as it was") {
  Terminal terminal;
  terminal.run([] { return ask_for("cf_ak_hushhush", Echo::off); });
  terminal.sees("API key: ");
  CHECK((terminal.settings().c_lflag & ECHO) == 0);
  terminal.type("cf_ak_hushhuss\x7fh\r");
  CHECK(terminal.exit_status() == 0);
  CHECK(terminal.screen() == "API key: \r\n");
  CHECK((terminal.settings().c_lflag & (ECHO | ICANON | ISIG)) == (ECHO | ICANON | ISIG));
}

TEST_CASE("The question goes to the terminal even where stdin is a pipe") {
  Terminal terminal;
  terminal.run([] { return with_stdin("not this\n", [] { return ask_for("this", Echo::off); }); });
  terminal.sees("API key: ");
  terminal.type("this\n");
  CHECK(terminal.exit_status() == 0);
}

TEST_CASE("An address longer than a terminal's line is taken whole, and shown") {
  const std::string pasted = "http://127.0.0.1:4711/callback?code=" + std::string(6000, 'c') + "&state=s";
  Terminal terminal;
  terminal.run([&] { return ask_for(pasted, Echo::on); });
  terminal.sees("API key: ");
  std::thread person([&] { terminal.type(pasted + "\r"); });
  terminal.sees("&state=s");
  person.join();
  CHECK(terminal.exit_status() == 0);
  CHECK(terminal.screen().find(pasted) != std::string::npos);
}

TEST_CASE("Ctrl-C at the question is an answer, and leaves the terminal as it was") {
  Terminal terminal;
  terminal.run([] { return ask_for("", Echo::off); });
  terminal.sees("API key: ");
  terminal.type("cf_ak\x03");
  CHECK(terminal.exit_status() == 40 + static_cast<int>(ErrorCode::cancelled));
  CHECK((terminal.settings().c_lflag & ECHO) != 0);
}

TEST_CASE("Without a terminal the question fails at once, with a sentence") {
  Processes processes;
  processes.start([] {
    ::setsid();
    return ask_for("", Echo::off);
  });
  CHECK(processes.wait_for_all(patience) ==
        std::vector<int>{40 + static_cast<int>(ErrorCode::invalid_input)});
}

TEST_CASE("A credential on stdin is its first line") {
  struct Row {
    std::string text;
    int status;
  };
  const int refused = 40 + static_cast<int>(ErrorCode::invalid_input);
  for (const Row& row : {Row{"cf_ak_1\n", 0}, Row{"cf_ak_1", 0}, Row{"cf_ak_1\r\nmore\n", 0},
                         Row{"", refused}, Row{"\n", refused}, Row{"cf_ak\x1b[A_1\n", refused},
                         Row{"cf_ak_\x7f"
                             "1\n",
                             refused},
                         Row{std::string(20'000, 'x'), refused}}) {
    CAPTURE(row.text.substr(0, 40));
    Processes processes;
    processes.start([&] {
      return with_stdin(row.text, [] {
        const auto secret = clickflow::cli::read_secret_from_stdin();
        if (!secret) return 40 + static_cast<int>(secret.error().code);
        return secret->expose() == "cf_ak_1" ? 0 : 1;
      });
    });
    CHECK(processes.wait_for_all(patience) == std::vector<int>{row.status});
  }
}

TEST_CASE("Waiting is shown on a terminal and leaves no trace") {
  int browser[2];
  REQUIRE(::pipe(browser) == 0);
  Terminal terminal;
  terminal.run([&] {
    ::setenv("TERM", "xterm", 1);
    const WaitingLine line("Waiting for the browser ");
    char answer = 0;
    return ::read(browser[0], &answer, 1) == 1 ? 0 : 1;
  });
  CHECK(terminal.sees("Waiting for the browser .  0:00").find("\x1b[2K") != std::string::npos);
  CHECK(terminal.sees("0:01").find("0:01") != std::string::npos);
  CHECK(::write(browser[1], "!", 1) == 1);
  CHECK(terminal.exit_status() == 0);
  CHECK(terminal.screen().ends_with("\r\x1b[2K"));
  CHECK(terminal.screen().find('\n') == std::string::npos);
  for (const int end : browser) ::close(end);
}

TEST_CASE("Where stderr is no terminal, waiting is said once") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  Processes processes;
  processes.start([&] {
    ::dup2(ends[1], 2);
    const WaitingLine line("Waiting for the browser ");
    std::this_thread::sleep_for(600ms);
    return 0;
  });
  CHECK(processes.wait_for_all(patience) == std::vector<int>{0});
  ::close(ends[1]);
  char block[256];
  const ssize_t count = ::read(ends[0], block, sizeof block);
  ::close(ends[0]);
  CHECK(std::string(block, static_cast<size_t>(std::max<ssize_t>(count, 0))) == "Waiting for the browser \n");
}
