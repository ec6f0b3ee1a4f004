#include "support/memory_channel.h"

namespace clickflow::testing {

bridge::Channel::Read MemoryChannel::read(std::string& line) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !to_bridge_.empty(); });
  if (to_bridge_.empty()) return Read::end;
  const auto [what, text] = std::move(to_bridge_.front());
  to_bridge_.pop_front();
  line = text;
  return what;
}

bool MemoryChannel::write(std::initializer_list<std::string_view> pieces) {
  std::string line;
  for (auto piece : pieces) line += piece;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !held_ || closed_; });
  if (deaf_) return false;
  to_host_.push_back(std::move(line));
  changed_.notify_all();
  return true;
}

void MemoryChannel::interrupt() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void MemoryChannel::send(std::string line) {
  std::lock_guard lock(mutex_);
  to_bridge_.emplace_back(Read::line, std::move(line));
  changed_.notify_all();
}

void MemoryChannel::send_too_long(std::string beginning, std::string end) {
  beginning.resize(bridge::kept_of_long_line, 'x');
  const std::string middle(bridge::kept_of_long_line - end.size(), 'x');
  std::lock_guard lock(mutex_);
  to_bridge_.emplace_back(Read::too_long, beginning + middle + end);
  changed_.notify_all();
}

void MemoryChannel::take_nothing() {
  std::lock_guard lock(mutex_);
  deaf_ = true;
}

std::function<void()> MemoryChannel::hold_writes() {
  std::lock_guard lock(mutex_);
  held_ = true;
  return [this] {
    std::lock_guard lock_again(mutex_);
    held_ = false;
    changed_.notify_all();
  };
}

std::optional<std::string> MemoryChannel::receive(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, limit, [this] { return taken_ < to_host_.size(); })) return std::nullopt;
  return to_host_[taken_++];
}

size_t MemoryChannel::unread() const {
  std::lock_guard lock(mutex_);
  return to_bridge_.size();
}

std::vector<std::string> MemoryChannel::written() const {
  std::lock_guard lock(mutex_);
  return to_host_;
}

}  // namespace clickflow::testing
