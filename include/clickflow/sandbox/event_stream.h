#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace clickflow::sandbox {

class EventReader;

/// The messages of one SSE stream, kept so that a connection that broke can be taken up again. An event's id
/// is
/// `<stream>-<number>`: unique in the session, and it tells the stream. At most 1000 messages are kept. Any
/// thread may call anything.
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  /// `primed`: a connection that begins the stream first gets an event with an id and no data, from which it
  /// can resume (2025-11-25, transports; older clients would take it for a broken message).
  EventStream(int number, bool primed);
  /// A stream that can't be taken up again: its events have no ids (2026-07-28).
  EventStream() : EventStream(0, false) {}

  /// `message` is JSON without line breaks.
  void send(std::string message);
  /// Nothing more will come. Readers get what is left, then the end.
  void close();

  /// Everything after event `after`; 0 is the beginning. The reader before it ends, since a message goes to
  /// one connection only. Null where those events are gone or never were.
  std::shared_ptr<EventReader> read(uint64_t after);
  /// True once read() was called.
  bool was_read() const;

 private:
  friend class EventReader;

  const int number_;  // 0 for none
  const bool primed_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> messages_;
  uint64_t first_ = 1;    // the number of messages_.front()
  uint64_t readers_ = 0;  // how many there have been; only the newest reads
  bool closed_ = false;
};

/// One connection's way through a stream. One thread at a time.
class EventReader {
 public:
  enum class Next { text, nothing, end };

  EventReader(std::shared_ptr<EventStream> stream, uint64_t after, uint64_t reader);

  /// Waits for at most `milliseconds`, and puts what has come, as SSE, into `text`.
  Next next(std::string& text, int milliseconds);

 private:
  const std::shared_ptr<EventStream> stream_;
  uint64_t after_;
  const uint64_t reader_;
  bool begun_ = false;
};

/// The two parts of an event's id; false where it is none.
bool parse_event_id(std::string_view id, int& stream, uint64_t& number);

}  // namespace clickflow::sandbox
