#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace clickflow::testing {

/// True if `text` has `words` in it. A failing CHECK shows both.
struct Says {
  explicit operator bool() const { return text.find(words) != std::string::npos; }
  friend std::ostream& operator<<(std::ostream& out, const Says& said) {
    return out << '"' << said.words << "\" in:\n" << said.text;
  }

  std::string text, words;
};

inline Says says(std::string text, std::string_view words) {
  return {std::move(text), std::string(words)};
}

}  // namespace clickflow::testing
