#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "clickflow/base/error.h"
#include "clickflow/base/secret.h"

namespace clickflow::cli {

enum class Stream { in, out, error };

bool is_terminal(Stream stream);

/// Whether there is a terminal for ask().
bool can_ask();

enum class Echo { off, on };

/// Asks the person, at the terminal itself: stdin may be a pipe. Takes one line of up to 16 KiB, longer than
/// a terminal would by itself (on macOS 1 KiB, which cuts pasted addresses). Fails with `invalid_input` where
/// there is no terminal or the line is too long, `cancelled` for Ctrl-C and Ctrl-D, `timed_out` after 10
/// minutes without a key.
Result<Secret> ask(std::string_view prompt, Echo echo);

/// The first line of stdin, without its end: for `echo "$KEY" | clickflow-mcp login --api-key`. Limits and
/// failures are those of ask(); `invalid_input` also for one that is empty.
Result<Secret> read_secret_from_stdin();

/// A line on stderr that shows for how long something is being waited for, and is gone with the object. Where
/// stderr is no terminal, the text is written once. Nothing else should write to stderr meanwhile.
class WaitingLine {
 public:
  explicit WaitingLine(std::string text);
  ~WaitingLine();
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

 private:
  void run();

  const std::string text_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace clickflow::cli
