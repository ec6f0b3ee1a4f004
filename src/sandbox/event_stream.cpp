#include "clickflow/sandbox/event_stream.h"

#include <spdlog/fmt/fmt.h>

#include <chrono>

#include "read_number.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t most_messages = 1000;
constexpr int retry_ms = 500;

}  // namespace

EventStream::EventStream(int number, bool primed) : number_(number), primed_(primed) {}

void EventStream::send(std::string message) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  messages_.push_back(std::move(message));
  if (messages_.size() > most_messages) {
    messages_.pop_front();
    ++first_;
  }
  changed_.notify_all();
}

void EventStream::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool EventStream::was_read() const {
  std::lock_guard lock(mutex_);
  return readers_ > 0;
}

std::shared_ptr<EventReader> EventStream::read(uint64_t after) {
  std::lock_guard lock(mutex_);
  if (after + 1 < first_ || after >= first_ + messages_.size()) return nullptr;
  changed_.notify_all();
  return std::make_shared<EventReader>(shared_from_this(), after, ++readers_);
}

EventReader::EventReader(std::shared_ptr<EventStream> stream, uint64_t after, uint64_t reader)
    : stream_(std::move(stream)), after_(after), reader_(reader) {}

EventReader::Next EventReader::next(std::string& text, int milliseconds) {
  text.clear();
  std::unique_lock lock(stream_->mutex_);
  if (!begun_ && stream_->primed_ && after_ == 0) {
    text = fmt::format("id: {}-0\nretry: {}\ndata: \n\n", stream_->number_, retry_ms);
  }
  begun_ = true;
  const auto replaced = [&] { return stream_->readers_ != reader_; };
  const auto end = [&] { return stream_->first_ + stream_->messages_.size(); };
  if (text.empty()) {
    stream_->changed_.wait_for(lock, std::chrono::milliseconds(milliseconds),
                               [&] { return replaced() || stream_->closed_ || after_ + 1 < end(); });
  }
  if (replaced()) return Next::end;
  if (after_ + 1 < stream_->first_) return Next::end;  // too slow: what it should get is gone
  while (after_ + 1 < end()) {
    ++after_;
    if (stream_->number_ > 0) text += fmt::format("id: {}-{}\n", stream_->number_, after_);
    text += fmt::format("event: message\ndata: {}\n\n", stream_->messages_[after_ - stream_->first_]);
  }
  if (!text.empty()) return Next::text;
  return stream_->closed_ ? Next::end : Next::nothing;
}

bool parse_event_id(std::string_view id, int& stream, uint64_t& number) {
  const size_t dash = id.find('-');
  return dash != std::string_view::npos && read_number(id.substr(0, dash), stream) &&
         read_number(id.substr(dash + 1), number);
}

}  // namespace clickflow::sandbox
