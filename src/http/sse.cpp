#include "clickflow/http/sse.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace clickflow::http {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
// Field names are 5 characters at most; a longer run is a name that nobody knows and is not kept.
constexpr size_t longest_name = 64;

}  // namespace

bool SseParser::feed(std::string_view piece, const std::function<bool(SseEvent)>& on_event) {
  while (!piece.empty()) {
    if (std::exchange(after_cr_, false) && piece.front() == '\n') {
      piece.remove_prefix(1);
      continue;
    }
    const size_t line_end = std::min(piece.find_first_of("\r\n"), piece.size());
    std::string_view text = piece.substr(0, line_end);

    if (where_ == Where::line_start || where_ == Where::name) {
      const size_t colon = std::min(text.find(':'), text.size());
      if (name_.size() < longest_name) name_ += text.substr(0, std::min(colon, longest_name));
      if (!text.empty()) where_ = Where::name;
      text.remove_prefix(colon);
      if (!text.empty()) {
        text.remove_prefix(1);
        end_name();
        where_ = Where::before_value;
      }
    }
    if (where_ == Where::before_value && !text.empty()) {
      if (text.front() == ' ') text.remove_prefix(1);
      where_ = Where::value;
    }
    if (where_ == Where::value && target_) {
      if (target_->size() + text.size() > max_event_) {
        too_long_ = true;
        return false;
      }
      target_->append(text);
    }
    if (line_end == piece.size()) return true;

    after_cr_ = piece[line_end] == '\r';
    piece.remove_prefix(line_end + 1);
    const bool blank = where_ == Where::line_start && name_.empty();
    if (!blank) {
      end_line();
      if (too_long_) return false;
      continue;
    }
    first_line_ = false;
    last_event_id_ = id_;
    if (has_data_) {
      has_data_ = false;
      if (event_.event.empty()) event_.event = "message";
      if (!on_event(std::exchange(event_, {}))) return false;
    } else {
      event_ = {};
    }
  }
  return true;
}

void SseParser::end_name() {
  if (std::exchange(first_line_, false) && name_.starts_with(byte_order_mark))
    name_.erase(0, byte_order_mark.size());
  if (name_ == "data") {
    if (std::exchange(has_data_, true)) event_.data += '\n';
    too_long_ = event_.data.size() > max_event_;
    target_ = &event_.data;
  } else if (name_ == "event" || name_ == "id" || name_ == "retry") {
    value_.clear();
    target_ = &value_;
  } else {
    target_ = nullptr;  // a comment, or a field that nobody knows
  }
}

void SseParser::end_line() {
  if (where_ == Where::name) end_name();
  if (name_ == "event") {
    event_.event = std::move(value_);
  } else if (name_ == "id") {
    if (value_.find('\0') == std::string::npos) id_ = std::move(value_);
  } else if (name_ == "retry") {
    int milliseconds = 0;
    const auto [end, failure] = std::from_chars(value_.data(), value_.data() + value_.size(), milliseconds);
    if (failure == std::errc() && end == value_.data() + value_.size() && milliseconds >= 0)
      retry_ = milliseconds;
  }
  value_.clear();
  name_.clear();
  target_ = nullptr;
  where_ = Where::line_start;
}

}  // namespace clickflow::http
