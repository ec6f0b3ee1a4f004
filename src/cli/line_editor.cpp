#include "line_editor.h"

#include <openssl/crypto.h>

#include <utility>

namespace clickflow::cli {
namespace {

constexpr char ctrl(char letter) {
  return static_cast<char>(letter & 0x1f);
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;  // UTF-8
}

}  // namespace

LineEditor::LineEditor(size_t longest) : longest_(longest) {
  line_.reserve(longest);
}

LineEditor::~LineEditor() {
  OPENSSL_cleanse(line_.data(), line_.capacity());
}

LineEditor::State LineEditor::key(char c, std::string& shown) {
  if (where_ == Where::escape) {
    where_ = c == '[' || c == 'O' ? Where::sequence : Where::text;
    return State::more;
  }
  if (where_ == Where::sequence) {
    if (c >= 0x40 && c <= 0x7e) where_ = Where::text;
    return State::more;
  }
  switch (c) {
    case '\r':
    case '\n':
      return State::done;
    case ctrl('C'):
      return State::cancelled;
    case ctrl('D'):
      return line_.empty() ? State::cancelled : State::more;
    case '\x7f':
    case '\b':
      if (!line_.empty()) erase(1, shown);
      return State::more;
    case ctrl('U'):
      erase(line_.size(), shown);
      return State::more;
    case ctrl('W'): {
      const size_t end = line_.find_last_not_of(' ');
      const size_t space = end == std::string::npos ? end : line_.find_last_of(' ', end);
      erase(line_.size() - (space == std::string::npos ? 0 : space + 1), shown);
      return State::more;
    }
    case '\x1b':
      where_ = Where::escape;
      return State::more;
    default:
      break;
  }
  if (static_cast<unsigned char>(c) < 0x20) return State::more;
  if (line_.size() == longest_) return State::too_long;
  line_ += c;
  shown += c;
  return State::more;
}

/// `count` bytes, and whatever more belongs to the first character of them.
void LineEditor::erase(size_t count, std::string& shown) {
  while (count > 0 && !line_.empty()) {
    const char last = line_.back();
    line_.back() = '\0';
    line_.pop_back();
    if (continues_character(last)) {
      count = count > 1 ? count - 1 : 1;
      continue;
    }
    --count;
    shown += "\b \b";
  }
}

std::string LineEditor::take() {
  return std::exchange(line_, std::string());
}

}  // namespace clickflow::cli
