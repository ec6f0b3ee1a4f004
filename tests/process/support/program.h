#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process/support/event.h"

namespace clickflow::testing {

using Arguments = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;

/// How a process ended. By a signal where that is not 0.
struct Exit {
  int status = 0;
  int signal = 0;
  bool operator==(const Exit&) const = default;
};

/// The program under test: $CLICKFLOW_MCP, or the one that was built with the tests.
std::string program_path();
/// Of the test's own environment the program gets what the sanitizers read, and nothing else: no session bus,
/// so no keychain. `home` is its home, where none is given.
Environment whole_environment(const Environment& given, const std::filesystem::path& home);

/// `clickflow-mcp` as a host starts it, at the ends of three pipes. What it writes to stdout stays in the
/// pipe until it is read here; its stderr is always taken. It has an empty home of its own, where none is
/// given, and no terminal. What doesn't happen within the limit throws, which fails the test. One thread uses
/// it.
class Program {
 public:
  explicit Program(const Arguments& arguments, const Environment& environment = {},
                   const std::string& path = program_path());
  /// Kills it, if it still runs.
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  int pid() const;

  void send(std::string_view line);
  void send_bytes(std::string_view bytes);
  void close_stdin();
  void close_stdout();

  /// The next line of stdout, without its end.
  std::string read_line(std::chrono::milliseconds limit = patience);
  /// Nothing if none came within `limit`, or stdout has ended.
  std::optional<std::string> try_read_line(std::chrono::milliseconds limit);
  /// What is left of stdout, up to its end.
  std::string read_rest();

  /// Waits until `count` bytes of stdout wait in the pipe to be read.
  void await_unread(int count) const;

  /// All of stderr so far.
  std::string log() const;
  /// Waits until it says `text` somewhere behind its first `from` bytes.
  void await_log(std::string_view text, size_t from = 0) const;

  void signal(int number) const;
  /// How it ended, when stdout and stderr have been let go as well.
  Exit wait(std::chrono::milliseconds limit = patience);

 private:
  struct Process;
  std::unique_ptr<Process> process_;
  std::string unread_;
};

/// Runs it, or what is at `path`, to its end with nothing on stdin.
struct Outcome {
  Exit exit;
  std::string out;
  std::string err;
};
Outcome run(const Arguments& arguments, const Environment& environment = {},
            const std::string& path = program_path());

}  // namespace clickflow::testing
