#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <thread>
#include <vector>

namespace clickflow::testing {

/// Real processes: each is a copy of this one that runs a function and ends with what it returns. Whatever
/// still runs at the end is killed.
class Processes {
 public:
  ~Processes() {
    for (const pid_t process : running_) {
      ::kill(process, SIGKILL);
      ::waitpid(process, nullptr, 0);
    }
  }

  pid_t start(const std::function<int()>& work) {
    std::cout.flush();  // or the copy would write it, too
    const pid_t process = ::fork();
    if (process == 0) ::_exit(work());
    running_.push_back(process);
    return process;
  }

  void kill(pid_t process) {
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
    std::erase(running_, process);
  }

  /// The exit statuses, in the order in which they were started; -1 for one that died, or did not end in
  /// time.
  std::vector<int> wait_for_all(std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::vector<int> statuses;
    for (const pid_t process : std::exchange(running_, {})) {
      int status = 0;
      pid_t ended = 0;
      while ((ended = ::waitpid(process, &status, WNOHANG)) == 0 &&
             std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      if (ended == 0) running_.push_back(process);
      statuses.push_back(ended == process && WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    }
    return statuses;
  }

 private:
  std::vector<pid_t> running_;
};

}  // namespace clickflow::testing
