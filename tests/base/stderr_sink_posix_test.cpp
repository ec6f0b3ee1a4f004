#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sstream>
#include <string>
#include <vector>

#include "clickflow/base/log.h"

namespace logging = clickflow::log;

namespace {

/// Puts a pipe or a pair of sockets, which Node's hosts use, in the place of stderr.
class UnreadStderr {
 public:
  explicit UnreadStderr(bool sockets) : kept_(::dup(STDERR_FILENO)) {
    REQUIRE((sockets ? ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_) : ::pipe(ends_)) == 0);
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    ::dup2(ends_[1], STDERR_FILENO);
  }
  ~UnreadStderr() {
    ::dup2(kept_, STDERR_FILENO);
    for (const int descriptor : {kept_, ends_[0], ends_[1]}) ::close(descriptor);
  }
  UnreadStderr(const UnreadStderr&) = delete;
  UnreadStderr& operator=(const UnreadStderr&) = delete;

  /// What was written since the last time.
  std::string take() {
    std::string all, block(64 * 1024, '\0');
    for (ssize_t count; (count = ::read(ends_[0], block.data(), block.size())) > 0;)
      all.append(block, 0, static_cast<size_t>(count));
    return all;
  }

 private:
  const int kept_;
  int ends_[2] = {-1, -1};
};

// Without the times in it.
std::vector<std::string> messages(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t level = line.find(" warning ");
    result.push_back(level == std::string::npos ? line : line.substr(level + 9));
  }
  return result;
}

}  // namespace

TEST_CASE("A log line that is longer than a pipe takes at once is written whole") {
  UnreadStderr unread(GENERATE(true, false));
  const std::string line(20'000, '#');
  logging::warn("{}", line);
  CHECK(messages(unread.take()) == std::vector{line});
}

TEST_CASE("Log lines that nobody reads are dropped and counted, and those that were written are whole") {
  UnreadStderr unread(GENERATE(true, false));
  const int count = 1000;
  for (int i = 0; i < count; ++i) logging::warn("{} {}", i, std::string(1000, '#'));
  const auto written = messages(unread.take());
  REQUIRE(written.size() < count);
  for (size_t i = 0; i < written.size(); ++i)
    CHECK(written[i] == std::to_string(i) + " " + std::string(1000, '#'));

  logging::warn("next");
  logging::warn("and next");
  CHECK(messages(unread.take()) ==
        std::vector<std::string>{"log lines dropped before this one, as stderr took no more: " +
                                     std::to_string(count - written.size()),
                                 "next", "and next"});
}

TEST_CASE("A log line that was cut for want of a reader is ended before the next one") {
  UnreadStderr unread(GENERATE(true, false));
  const std::string endless(2'000'000, '#');
  logging::warn("{}", endless);
  const std::string part = unread.take();
  CHECK(part.size() < endless.size());
  CHECK(part.ends_with('#'));

  logging::warn("next");
  CHECK(messages(unread.take()) ==
        std::vector<std::string>{"", "log lines dropped before this one, as stderr took no more: 1", "next"});
}
