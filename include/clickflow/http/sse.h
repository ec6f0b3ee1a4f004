#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace clickflow::http {

struct SseEvent {
  std::string event;  ///< "message" where the server named none
  std::string data;
};

/// Reads a text/event-stream (WHATWG HTML, section 9.2.6) in whatever pieces it arrives. A long `data` line
/// is kept once, not once per stage, and an event that was not ended by its blank line is never delivered.
class SseParser {
 public:
  /// `max_event` limits the bytes of one event; more is refused, since it would have to be held in memory.
  explicit SseParser(size_t max_event) : max_event_(max_event) {}

  /// Calls `on_event` for each event that the piece ends, until that returns false. False if it did, or if an
  /// event was too long; the parser is of no more use then.
  bool feed(std::string_view piece, const std::function<bool(SseEvent)>& on_event);

  /// The `id` of the last event that was ended, as Last-Event-ID wants it; empty where there was none.
  const std::string& last_event_id() const { return last_event_id_; }
  /// The last `retry` that was seen, in milliseconds.
  std::optional<int> retry() const { return retry_; }
  bool too_long() const { return too_long_; }

 private:
  enum class Where { line_start, name, before_value, value };

  void end_name();
  void end_line();

  const size_t max_event_;
  Where where_ = Where::line_start;
  bool first_line_ = true;  // a byte-order mark may stand before it
  bool after_cr_ = false;   // CRLF may be cut in two
  bool too_long_ = false;
  bool has_data_ = false;
  std::string name_;
  std::string value_;
  std::string* target_ = nullptr;
  SseEvent event_;
  std::string id_;  // of the event that is being read; an event without one has that of the last
  std::string last_event_id_;
  std::optional<int> retry_;
};

}  // namespace clickflow::http
