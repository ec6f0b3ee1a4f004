#include "stderr_sink.h"

#include <limits.h>
#include <poll.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <string>

namespace clickflow::log {
namespace {

// How many bytes stderr took without being waited for. O_NONBLOCK is no way to it: it would be set for the
// host and its terminal as well. So another process that fills the same pipe between the two calls, or a
// terminal with less room than this, can still make us wait.
size_t write_at_once(std::string_view text) {
  pollfd wait{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&wait, 1, 0) <= 0) return 0;
  // A pipe that poll() calls writable takes PIPE_BUF bytes without blocking.
  const ssize_t count = ::write(STDERR_FILENO, text.data(), std::min<size_t>(text.size(), PIPE_BUF));
  return count > 0 ? static_cast<size_t>(count) : 0;
}

class StderrSink : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (dropped_ > 0 && tell_dropped(message)) dropped_ = 0;
    if (dropped_ > 0 || !put(message)) ++dropped_;
  }
  void flush_() override {}

  bool tell_dropped(const spdlog::details::log_msg& next) {
    const std::string text =
        fmt::format("log lines dropped before this one, as stderr took no more: {}", dropped_);
    return put({next.time, {}, next.logger_name, spdlog::level::warn, text});
  }

  // False where not all of the line was taken.
  bool put(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t buffer;
    if (cut_) buffer.push_back('\n');
    formatter_->format(message, buffer);
    const std::string_view text(buffer.data(), buffer.size());
    size_t at = 0;
    while (at < text.size()) {
      const size_t count = write_at_once(text.substr(at));
      if (count == 0) break;
      at += count;
    }
    if (at > 0) cut_ = text[at - 1] != '\n';
    return at == text.size();
  }

  size_t dropped_ = 0;
  bool cut_ = false;  // stderr ends in a part of a line
};

}  // namespace

std::shared_ptr<spdlog::sinks::sink> make_stderr_sink() {
  return std::make_shared<StderrSink>();
}

}  // namespace clickflow::log
