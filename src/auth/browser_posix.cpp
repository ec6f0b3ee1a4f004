#include <signal.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "browser_environment.h"
#include "clickflow/auth/browser.h"
#include "clickflow/base/boost_process.h"
#include "clickflow/base/log.h"

namespace clickflow::auth {
namespace {

namespace bp = boost::process;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// An opener that can't do it says so within this time. One that still runs has become the browser.
constexpr auto verdict_limit = std::chrono::milliseconds(2000);
constexpr auto verdict_poll = std::chrono::milliseconds(20);

// Assistants start us with a short PATH. Windows' folder is where WSL puts it unless told otherwise.
constexpr std::string_view usual_folders = ":/usr/local/bin:/usr/bin:/bin:/mnt/c/Windows/System32";

struct Opener {
  std::string program;
  std::vector<std::string> arguments;  // the address comes after them
};

bool is_macos() {
  utsname name{};
  return ::uname(&name) == 0 && std::string_view(name.sysname) == "Darwin";
}

/// An absolute path, or nothing. Folders of the PATH that depend on where we are started don't count.
std::string find_program(const std::string& name, const Environment& environment) {
  if (name.starts_with('/')) return ::access(name.c_str(), X_OK) == 0 ? name : std::string();
  const auto path = environment.find("PATH");
  std::string folders = path == environment.end() ? std::string() : path->second;
  folders += usual_folders;
  for (size_t start = 0; start < folders.size();) {
    const size_t end = std::min(folders.find(':', start), folders.size());
    const std::string candidate = folders.substr(start, end - start) + "/" + name;
    std::error_code ignored;
    if (candidate[0] == '/' && end > start && fs::is_regular_file(candidate, ignored) &&
        ::access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    start = end + 1;
  }
  return {};
}

/// In the child, before its program: a session of its own, and none of the signal settings that are ours.
void leave_us() {
  ::setsid();
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Whoever started a process has to wait for it, or it stays as a zombie. A browser may run for hours.
void reap_in_background(std::shared_ptr<bp::child> child) {
  try {
    std::thread([child] {
      std::error_code ignored;
      child->wait(ignored);
    }).detach();
  } catch (const std::system_error&) {
    child->detach();
  }
}

bool start(const Opener& opener, const std::string& url, const Environment& environment) {
  bp::environment variables;
  for (const auto& [name, value] : environment) variables[name] = value;
  std::vector<std::string> arguments = opener.arguments;
  arguments.push_back(url);
  std::error_code failure;
  auto child = std::make_shared<bp::child>(
      bp::exe = opener.program, bp::args = arguments, variables, (bp::std_in < bp::null),
      (bp::std_out > bp::null), (bp::std_err > bp::null), bp::limit_handles,
      bp::extend::on_exec_setup = [](auto&) { leave_us(); }, failure);
  if (failure) return false;
  const auto deadline = Clock::now() + verdict_limit;
  while (Clock::now() < deadline) {
    std::error_code ignored;
    if (!child->running(ignored)) return child->exit_code() == 0;
    std::this_thread::sleep_for(verdict_poll);
  }
  reap_in_background(std::move(child));
  return true;
}

class SystemBrowser : public Browser {
 public:
  SystemBrowser(Environment environment, const Surroundings& surroundings)
      : environment_(std::move(environment)), surroundings_(surroundings) {}

  Result<void> open(const std::string& url) override {
    if (auto browsable = check_browsable(url); !browsable) return browsable;
    const Environment for_child = for_browser(environment_);
    for (const Opener& opener : openers()) {
      if (start(opener, url, for_child)) {
        log::debug("{} took the sign-in address", opener.program);
        return {};
      }
      log::info("{} could not open the sign-in address", opener.program);
    }
    return fail(ErrorCode::system, "No browser could be opened from here.",
                "Open the link yourself, or sign in with --no-browser.");
  }

 private:
  std::vector<Opener> openers() const {
    std::vector<Opener> result;
    const auto add = [&](const std::string& name, std::vector<std::string> arguments = {}) {
      if (name.empty()) return;
      const std::string program = find_program(name, environment_);
      if (!program.empty()) result.push_back({program, std::move(arguments)});
    };
    add(browser_helper(environment_));
    if (is_macos()) {
      add("/usr/bin/open");
      return result;
    }
    if (surroundings_.wsl) {
      add("wslview");
      add("rundll32.exe", {"url.dll,FileProtocolHandler"});
    }
    // Without a display it would start a text browser, which has nobody to talk to.
    if (surroundings_.display) add("xdg-open");
    return result;
  }

  const Environment environment_;
  const Surroundings surroundings_;
};

}  // namespace

std::unique_ptr<Browser> make_system_browser(Environment environment, const Surroundings& surroundings) {
  return std::make_unique<SystemBrowser>(std::move(environment), surroundings);
}

}  // namespace clickflow::auth
