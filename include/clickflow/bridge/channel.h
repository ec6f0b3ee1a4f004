#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace clickflow::bridge {

/// A line limit's reason: a host writes one message per line, and whoever writes more than this is not
/// sending a message. It is far above any request that a server takes.
constexpr size_t max_line = 16 * 1024 * 1024;
/// What is kept of the beginning and of the end of a line that is longer.
constexpr size_t kept_of_long_line = 1024;

/// The host's side: one line, one message (2025-11-25, "stdio").
class Channel {
 public:
  virtual ~Channel() = default;

  enum class Read {
    line,      ///< `line` holds one, without its end (LF or CRLF)
    too_long,  ///< one was longer than max_line; `line` holds kept_of_long_line bytes each of both its ends
    end,       ///< the host has closed its side, or interrupt() was called
  };
  /// Blocks. One thread only.
  virtual Read read(std::string& line) = 0;

  /// Writes the pieces and a line end as one line, whole or not at all. Any thread; lines never mix. False
  /// once the host is gone: then nothing was written, or the end of the line will never be.
  virtual bool write(std::initializer_list<std::string_view> pieces) = 0;

  /// Makes read() return `end`, now and from now on. Any thread, and a signal handler.
  virtual void interrupt() = 0;
};

/// stdin and stdout. stdout is kept for the channel alone: what a library might print there goes to stderr
/// from now on.
std::unique_ptr<Channel> make_stdio_channel();

}  // namespace clickflow::bridge
