#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <csignal>

#include "process/support/json.h"
#include "process/support/program.h"
#include "support/says.h"
#include "support/temporary_folder.h"

using namespace clickflow::testing;

namespace {

/// A pipe that nobody reads, full up to its last byte.
class FullPipe {
 public:
  FullPipe() {
    REQUIRE(::mkfifo(path().c_str(), 0600) == 0);
    source_ = ::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    sink_ = ::open(path().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(sink_ >= 0);
    for (const size_t size : {4096, 1}) {
      while (::write(sink_, std::string(size, '.').data(), size) > 0) continue;
    }
  }
  ~FullPipe() {
    ::close(source_);
    ::close(sink_);
  }
  FullPipe(const FullPipe&) = delete;
  FullPipe& operator=(const FullPipe&) = delete;

  std::string path() const { return (folder_ / "pipe").string(); }
  /// What is in it, which makes it empty.
  std::string take() {
    std::string all, block(4096, '\0');
    for (ssize_t count; (count = ::read(source_, block.data(), block.size())) > 0;)
      all.append(block, 0, static_cast<size_t>(count));
    return all;
  }

 private:
  TemporaryFolder folder_;
  int source_ = -1;
  int sink_ = -1;
};

/// The bridge with no server, and with that pipe for stderr.
Program started(const FullPipe& pipe, const std::string& log_level) {
  return Program({"-c", R"(exec "$0" "$@" 2>"$PIPE")", program_path(), "--url", "http://127.0.0.1:1/mcp",
                  "--tool-names", "original", "--log-level", log_level},
                 {{"PIPE", pipe.path()}, {"CLICKFLOW_API_KEY", "cf_ak_0123456789abcdef"}}, "/bin/sh");
}

std::string failing_call(Program& program, int id) {
  program.send(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
               R"(,"method":"tools/call","params":{"name":"work","arguments":{}}})");
  return program.read_line();
}

}  // namespace

TEST_CASE("Calls that fail are answered although nobody reads stderr, which hears later what it missed") {
  FullPipe pipe;
  Program program = started(pipe, "warn");
  for (int id = 1; id <= 20; ++id) {
    const std::string answer = failing_call(program, id);
    REQUIRE(value_at(answer, "/id") == std::to_string(id));
    CHECK(says(answer, "can't be reached"));
  }
  const std::string before = pipe.take();
  CHECK(std::all_of(before.begin(), before.end(), [](char c) { return c == '.'; }));

  failing_call(program, 21);
  program.close_stdin();
  CHECK(program.wait() == Exit{});
  const std::string after = pipe.take();
  CAPTURE(after);
  CHECK(says(after, "log lines dropped before this one, as stderr took no more: 20\n"));
  CHECK(says(after, "can't be reached"));
}

TEST_CASE("A host that reads no stderr can end the program, at any log level") {
  const FullPipe pipe;
  const bool by_signal = GENERATE(true, false);
  Program program = started(pipe, "trace");
  failing_call(program, 1);
  by_signal ? program.signal(SIGTERM) : program.close_stdin();
  CHECK(program.wait() == Exit{});
}
