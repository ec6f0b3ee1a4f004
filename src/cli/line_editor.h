#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace clickflow::cli {

/// One line, key by key: backspace, Ctrl-U, Ctrl-W, and no more. Arrow and function keys do nothing.
class LineEditor {
 public:
  enum class State { more, done, cancelled, too_long };

  explicit LineEditor(size_t longest);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// `shown` is what would have to be written for a person to see the line.
  State key(char c, std::string& shown);
  /// The line; the editor is empty afterwards.
  std::string take();

 private:
  enum class Where { text, escape, sequence };

  void erase(size_t count, std::string& shown);

  const size_t longest_;
  std::string line_;  // never grows beyond what is reserved, so that no copy of it is left in memory
  Where where_ = Where::text;
};

}  // namespace clickflow::cli
