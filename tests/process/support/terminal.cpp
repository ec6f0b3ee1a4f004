#include "process/support/terminal.h"

#if __has_include(<pty.h>)
#include <pty.h>
#else
#include <util.h>
#endif
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <stdexcept>

#include "support/temporary_folder.h"

namespace clickflow::testing {

TerminalOutcome run_on_terminal(const Arguments& arguments, const Environment& environment, int columns) {
  // Made before the fork, behind which there is little that may be done.
  const TemporaryFolder home;
  std::vector<std::string> words{program_path()}, variables;
  words.insert(words.end(), arguments.begin(), arguments.end());
  for (const auto& [name, value] : whole_environment(environment, home.path()))
    variables.push_back(name + "=" + value);
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  auto argv = pointers(words);
  auto envp = pointers(variables);

  int terminal = -1;
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child < 0) throw std::runtime_error("no terminal");
  if (child == 0) {
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }

  TerminalOutcome outcome;
  char block[4096];
  for (bool ended = false; !ended;) {
    pollfd waits{terminal, POLLIN, 0};
    const int ready = ::poll(&waits, 1, static_cast<int>(patience.count()));
    if (ready == 0) ::kill(child, SIGKILL);  // shows as a signal in the outcome
    // At the end, some systems say EIO and some 0.
    const ssize_t count = ::read(terminal, block, sizeof block);
    if (count > 0) outcome.screen.append(block, static_cast<size_t>(count));
    ended = count == 0 || (count < 0 && errno != EINTR);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ::close(terminal);
  std::erase(outcome.screen, '\r');
  outcome.exit = WIFSIGNALED(status) ? Exit{0, WTERMSIG(status)} : Exit{WEXITSTATUS(status), 0};
  return outcome;
}

}  // namespace clickflow::testing
