#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clickflow/bridge/channel.h"
#include "support/waiting.h"

namespace clickflow::testing {

/// Both ends of a Channel, in memory: the bridge reads and writes, the test is the host. Any thread.
class MemoryChannel : public bridge::Channel {
 public:
  Read read(std::string& line) override;
  bool write(std::initializer_list<std::string_view> pieces) override;
  void interrupt() override;

  void send(std::string line);
  /// The host writes a line that is longer than the limit, and begins and ends so.
  void send_too_long(std::string beginning = {}, std::string end = {});
  /// The host closes its side; what it sent before is read first.
  void close() { interrupt(); }
  /// From now on the host takes nothing.
  void take_nothing();
  /// From now on writing blocks, as into a pipe that is full, until what this returns is called.
  std::function<void()> hold_writes();

  /// The next line that the host has not yet taken, or nothing within the limit.
  std::optional<std::string> receive(std::chrono::milliseconds limit = patience);
  /// How many lines of the host's the bridge has not read yet.
  size_t unread() const;
  /// Every line so far, taken or not.
  std::vector<std::string> written() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<Read, std::string>> to_bridge_;
  std::vector<std::string> to_host_;
  size_t taken_ = 0;
  bool closed_ = false;
  bool deaf_ = false;
  bool held_ = false;
};

}  // namespace clickflow::testing
