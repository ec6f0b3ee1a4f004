#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace clickflow::testing {

/// Texts from a seed: the same seed gives the same texts everywhere.
class RandomText {
 public:
  explicit RandomText(unsigned seed) : random_(seed) {}

  /// 0 to `most`.
  size_t number(size_t most) { return random_() % (most + 1); }
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  template <class T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[number(choices.size() - 1)];
  }

  /// A valid JSON text with white space, escapes and numbers of every form, at most `depth` deep. No NUL, and
  /// no number beyond a double.
  std::string json(int depth = 4);
  std::string json_string();
  std::string json_number();
  /// The text with a few bytes taken out, put in, doubled or changed; mostly still near to what it was.
  std::string mutated(std::string text);
  /// `text` cut into pieces, some of them empty.
  std::vector<std::string> pieces(std::string_view text);

 private:
  std::string space();

  std::minstd_rand random_;
};

}  // namespace clickflow::testing
