#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "clickflow/base/log.h"
#include "clickflow/bridge/channel.h"
#include "clickflow/bridge/line_reader.h"

namespace clickflow::bridge {
namespace {

// A pipe that poll() calls writable takes this much without blocking.
constexpr size_t write_block = 4096;
// A host that is alive may be busy, or stopped in a debugger; one that has closed its end of stdin is
// leaving.
constexpr int patience_ms = 10 * 60 * 1000;
constexpr int leaving_patience_ms = 1000;

class StdioChannel : public Channel {
 public:
  StdioChannel() {
    int wake[2] = {-1, -1};
    if (::pipe(wake) != 0) log::error("signals can't be heard: {}", std::strerror(errno));
    for (int end : wake) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    wake_read_ = wake[0];
    wake_write_ = wake[1];
    // Children and libraries that write to descriptor 1 reach stderr; ours is another one, which no child
    // inherits.
    out_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
  }
  ~StdioChannel() override {
    for (int descriptor : {wake_read_, wake_write_, out_}) ::close(descriptor);
  }

  Read read(std::string& line) override { return lines_.read(line); }

  bool write(std::initializer_list<std::string_view> pieces) override {
    std::lock_guard lock(write_mutex_);
    for (auto piece : pieces) {
      if (!write_piece(piece)) return false;
    }
    return write_piece("\n");
  }

  void interrupt() override {
    const char byte = 0;
    [[maybe_unused]] const auto written = ::write(wake_write_, &byte, 1);
  }

 private:
  size_t fill(char* data, size_t size) {
    for (;;) {
      std::array<pollfd, 2> waits{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{wake_read_, POLLIN, 0}};
      if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return 0;
      if (waits[1].revents != 0) return 0;
      if (waits[0].revents == 0) continue;
      const ssize_t count = ::read(STDIN_FILENO, data, size);
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR && errno != EAGAIN) return 0;
    }
  }

  bool write_piece(std::string_view piece) {
    while (!piece.empty() && !gone_) {
      if (!wait_for_host()) {
        gone_ = true;
        break;
      }
      const ssize_t count = ::write(out_, piece.data(), std::min(piece.size(), write_block));
      if (count >= 0) {
        piece.remove_prefix(static_cast<size_t>(count));
      } else if (errno != EINTR && errno != EAGAIN) {
        log::debug("the host reads no more: {}", std::strerror(errno));
        gone_ = true;
      }
    }
    return !gone_;
  }

  // Until the host takes more. That it leaves while it reads nothing is found out by POLLHUP on stdin, or
  // told by interrupt().
  bool wait_for_host() {
    std::array<pollfd, 3> waits{pollfd{out_, POLLOUT, 0}, pollfd{STDIN_FILENO, 0, 0},
                                pollfd{wake_read_, POLLIN, 0}};
    int ready = wait(waits.data(), waits.size(), patience_ms);
    const bool leaving = ready > 0 && waits[0].revents == 0;
    if (leaving) ready = wait(waits.data(), 1, leaving_patience_ms);
    if (ready > 0) return true;
    if (leaving) {
      log::warn("the host leaves and takes no more output; what was left for it is dropped");
    } else {
      log::error("the host has read nothing for {} minutes; taking it for gone", patience_ms / 60'000);
    }
    return false;
  }

  static int wait(pollfd* waits, nfds_t count, int limit_ms) {
    for (;;) {
      const int ready = ::poll(waits, count, limit_ms);
      if (ready >= 0 || errno != EINTR) return ready;
    }
  }

  int wake_read_ = -1;
  int wake_write_ = -1;
  int out_ = -1;
  LineReader lines_{[this](char* data, size_t size) { return fill(data, size); }};
  std::mutex write_mutex_;
  bool gone_ = false;
};

}  // namespace

std::unique_ptr<Channel> make_stdio_channel() {
  return std::make_unique<StdioChannel>();
}

}  // namespace clickflow::bridge
