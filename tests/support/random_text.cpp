#include "support/random_text.h"

namespace clickflow::testing {

std::string RandomText::space() {
  std::string text;
  while (chance(15)) text += " \t\r\n"[number(3)];
  return text;
}

std::string RandomText::json_number() {
  std::string text = chance(30) ? "-" : "";
  text += chance(20) ? "0" : std::to_string(1 + number(chance(50) ? 9 : 2'000'000'000));
  if (chance(30)) text += "." + std::to_string(number(999));
  if (chance(20)) text += one_of<std::string>({"e", "E", "e+", "E-"}) + std::to_string(number(60));
  return text;
}

std::string RandomText::json_string() {
  static const std::vector<std::string> parts{"a",
                                              "id",
                                              "method",
                                              " ",
                                              "/",
                                              "'",
                                              "\x7f",
                                              "\xC3\xA9",
                                              "\xE2\x82\xAC",
                                              "\xF0\x9F\x98\x80",
                                              "\xEF\xBF\xBF",
                                              "\xF4\x8F\xBF\xBF",
                                              "\xC2\x80",
                                              "\\\"",
                                              "\\\\",
                                              "\\/",
                                              "\\b",
                                              "\\f",
                                              "\\n",
                                              "\\r",
                                              "\\t",
                                              "\\u0041",
                                              "\\u0000",
                                              "\\u00e9",
                                              "\\uFFFF",
                                              "\\ud83d\\ude00",
                                              "\\uD800",
                                              "\\udc00",
                                              "{",
                                              "}",
                                              "[",
                                              ",",
                                              ":",
                                              "e9",
                                              "u0041"};
  std::string text = "\"";
  for (size_t i = number(4); i > 0; --i) text += one_of(parts);
  return text + "\"";
}

std::string RandomText::json(int depth) {
  // A text that is only a scalar says little.
  const size_t kind = depth > 2 && chance(60) ? 6 + number(3) : number(depth > 0 ? 9 : 5);
  std::string text = space();
  if (kind <= 1) {
    text += json_string();
  } else if (kind <= 3) {
    text += json_number();
  } else if (kind <= 5) {
    text += one_of<std::string>({"true", "false", "null"});
  } else {
    const bool object = kind <= 7;
    text += object ? "{" : "[";
    text += space();
    for (size_t i = number(3), first = i; i > 0; --i) {
      if (i != first) text += ",";
      if (object) text += space() + json_string() + space() + ":";
      text += json(depth - 1);
    }
    text += object ? "}" : "]";
  }
  return text + space();
}

std::string RandomText::mutated(std::string text) {
  static const std::vector<std::string> inserts{"{",
                                                "}",
                                                "[",
                                                "]",
                                                ",",
                                                ":",
                                                "\"",
                                                "\\",
                                                "\\u",
                                                "\\u12",
                                                "0",
                                                "1",
                                                "-",
                                                "+",
                                                ".",
                                                "e",
                                                "E",
                                                "true",
                                                "nul",
                                                "N",
                                                "\n",
                                                "\t",
                                                "\x01",
                                                "\x1f",
                                                "\x80",
                                                "\xC0\x80",
                                                "\xC3",
                                                "\xE0\x80\x80",
                                                "\xED\xA0\x80",
                                                "\xF4\x90\x80\x80",
                                                "\xF5",
                                                "\xFF",
                                                "\xEF\xBB\xBF",
                                                "/*",
                                                "//",
                                                "'",
                                                "NaN",
                                                "Infinity",
                                                "0x1"};
  for (size_t i = 1 + number(2); i > 0; --i) {
    const size_t at = number(text.size());
    const size_t count = number(3);
    switch (number(4)) {
      case 0:
        text.erase(at, count);
        break;
      case 1:
        text.insert(at, one_of(inserts));
        break;
      case 2:
        text.insert(at, text.substr(number(text.size()), count));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(1 + number(254));
        break;
      default:
        if (chance(20)) text.resize(at);
        break;
    }
  }
  return text;
}

std::vector<std::string> RandomText::pieces(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const size_t size = std::min(number(chance(50) ? 3 : 40), text.size());
    result.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return result;
}

}  // namespace clickflow::testing
