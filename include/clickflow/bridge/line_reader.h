#pragma once

#include <functional>
#include <string>
#include <vector>

#include "clickflow/bridge/channel.h"

namespace clickflow::bridge {

/// Cuts a byte stream into lines, as Channel::read() promises them. A last line without its end is half a
/// message and is dropped.
class LineReader {
 public:
  /// `fill` puts at most `size` bytes at `data` and returns how many; 0 at the end. It may block.
  explicit LineReader(std::function<size_t(char* data, size_t size)> fill) : fill_(std::move(fill)) {}

  Channel::Read read(std::string& line);

 private:
  const std::function<size_t(char*, size_t)> fill_;
  std::vector<char> buffer_ = std::vector<char>(64 * 1024);
  size_t from_ = 0;
  size_t to_ = 0;
};

}  // namespace clickflow::bridge
