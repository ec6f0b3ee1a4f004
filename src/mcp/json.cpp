#include "clickflow/mcp/json.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <nlohmann/json.hpp>

#include "clickflow/base/json.h"

namespace clickflow::mcp::json {
namespace {

constexpr size_t npos = std::string_view::npos;

size_t skip_space(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
    ++at;
  return at;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// True for the bytes of a string that need no second look: printable ASCII but for the quote and the
// backslash.
constexpr auto plain = [] {
  std::array<bool, 256> table{};
  for (int c = 0x20; c < 0x80; ++c) table[static_cast<size_t>(c)] = c != '"' && c != '\\';
  return table;
}();

// The length of the well-formed UTF-8 sequence at `at` (RFC 3629, section 4: no overlong form, no surrogate),
// else 0.
size_t utf8_length(std::string_view text, size_t at) {
  auto byte = [&](size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  auto continues = [&](size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

bool is_hex(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return false;
  for (size_t i = at; i < at + 4; ++i) {
    const char c = text[i];
    if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) return false;
  }
  return true;
}

// Each end_of_… takes the position of the first character and gives the one behind the last, or npos.
size_t end_of_string(std::string_view text, size_t at) {
  for (++at; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (plain[c]) {
      ++at;
    } else if (c == '"') {
      return at + 1;
    } else if (c == '\\') {
      if (at + 1 >= text.size()) return npos;
      const char escape = text[at + 1];
      if (escape == 'u') {
        if (!is_hex(text, at + 2)) return npos;
        at += 6;
      } else if (std::string_view("\"\\/bfnrt").find(escape) != npos) {
        at += 2;
      } else {
        return npos;
      }
    } else {
      const size_t length = utf8_length(text, at);
      if (length == 0) return npos;
      at += length;
    }
  }
  return npos;
}

size_t end_of_number(std::string_view text, size_t at) {
  auto digits = [&] {
    const size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > from;
  };
  if (text[at] == '-') ++at;
  if (at < text.size() && text[at] == '0') {
    ++at;
  } else if (!digits()) {
    return npos;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return npos;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return npos;
  }
  return at;
}

size_t end_of_scalar(std::string_view text, size_t at) {
  if (text[at] == '"') return end_of_string(text, at);
  if (text[at] == '-' || is_digit(text[at])) return end_of_number(text, at);
  for (std::string_view word : {"true", "false", "null"}) {
    if (text.substr(at, word.size()) == word) return at + word.size();
  }
  return npos;
}

// `"key" :` and the white space behind it.
size_t end_of_key(std::string_view text, size_t at) {
  if (at >= text.size() || text[at] != '"') return npos;
  at = end_of_string(text, at);
  if (at == npos) return npos;
  at = skip_space(text, at);
  return at < text.size() && text[at] == ':' ? skip_space(text, at + 1) : npos;
}

}  // namespace

std::optional<size_t> end_of_value(std::string_view text, size_t at, int* deepest) {
  std::bitset<max_depth> is_object_at;
  int depth = 0;
  at = skip_space(text, at);
  for (;;) {
    if (at >= text.size()) return std::nullopt;
    const char c = text[at];
    if (c == '{' || c == '[') {
      if (depth == max_depth) return std::nullopt;
      is_object_at[static_cast<size_t>(depth++)] = c == '{';
      if (deepest) *deepest = std::max(*deepest, depth);
      at = skip_space(text, at + 1);
      if (at >= text.size()) return std::nullopt;
      if (text[at] != (c == '{' ? '}' : ']')) {
        if (c == '{' && (at = end_of_key(text, at)) == npos) return std::nullopt;
        continue;
      }
    } else {
      at = end_of_scalar(text, at);
      if (at == npos) return std::nullopt;
      if (depth == 0) return at;
      at = skip_space(text, at);
    }
    // A value has ended, or an empty object or array is about to.
    for (;;) {
      if (at >= text.size()) return std::nullopt;
      const bool in_object = is_object_at[static_cast<size_t>(depth - 1)];
      if (text[at] == ',') {
        at = skip_space(text, at + 1);
        if (in_object && (at = end_of_key(text, at)) == npos) return std::nullopt;
        break;
      }
      if (text[at] != (in_object ? '}' : ']')) return std::nullopt;
      ++at;
      if (--depth == 0) return at;
      at = skip_space(text, at);
    }
  }
}

bool is_valid(std::string_view text) {
  const auto end = end_of_value(text);
  return end && skip_space(text, *end) == text.size();
}

Members::Members(std::string_view object) : text_(object) {
  at_ = skip_space(text_, 0);
  done_ = at_ >= text_.size() || text_[at_] != '{';
  if (!done_) ++at_;
}

std::optional<Members::Member> Members::next() {
  if (done_) return std::nullopt;
  at_ = skip_space(text_, at_);
  if (at_ < text_.size() && text_[at_] == '}') {
    done_ = true;
    valid_ = skip_space(text_, at_ + 1) == text_.size();
    return std::nullopt;
  }
  if (!std::exchange(first_, false)) {
    if (at_ >= text_.size() || text_[at_] != ',') return done_ = true, std::nullopt;
    at_ = skip_space(text_, at_ + 1);
  }
  const size_t key = at_;
  const size_t value = end_of_key(text_, at_);
  const auto end = value == npos ? std::nullopt : end_of_value(text_, value, &deepest_);
  if (!end) return done_ = true, std::nullopt;
  const size_t key_end = end_of_string(text_, key);
  at_ = skip_space(text_, *end);
  if (at_ >= text_.size() || (text_[at_] != ',' && text_[at_] != '}')) return done_ = true, std::nullopt;
  return Member{text_.substr(key, key_end - key), text_.substr(value, *end - value)};
}

Elements::Elements(std::string_view array) : text_(array) {
  at_ = skip_space(text_, 0);
  done_ = at_ >= text_.size() || text_[at_] != '[';
  if (!done_) ++at_;
}

std::optional<std::string_view> Elements::next() {
  if (done_) return std::nullopt;
  at_ = skip_space(text_, at_);
  if (at_ < text_.size() && text_[at_] == ']') {
    done_ = true;
    valid_ = skip_space(text_, at_ + 1) == text_.size();
    return std::nullopt;
  }
  if (!std::exchange(first_, false)) {
    if (at_ >= text_.size() || text_[at_] != ',') return done_ = true, std::nullopt;
    at_ = skip_space(text_, at_ + 1);
  }
  const size_t value = at_;
  const auto end = end_of_value(text_, value);
  if (!end) return done_ = true, std::nullopt;
  at_ = skip_space(text_, *end);
  if (at_ >= text_.size() || (text_[at_] != ',' && text_[at_] != ']')) return done_ = true, std::nullopt;
  return text_.substr(value, *end - value);
}

std::optional<std::string_view> member(std::string_view object, std::string_view name) {
  Members members(object);
  while (const auto found = members.next()) {
    if (says(found->key, name)) return found->value;
  }
  return std::nullopt;
}

std::string decode(std::string_view string) {
  if (string.find('\\') == npos) return std::string(string.substr(1, string.size() - 2));
  auto parsed = parse_json(string);
  if (parsed.is_string()) return parsed.get<std::string>();
  // The library takes no lone surrogates: put U+FFFD in their place.
  std::string mended(string);
  for (size_t at = mended.find("\\u"); at != npos; at = mended.find("\\u", at)) {
    const bool escaped = at > 0 && (at - mended.find_last_not_of('\\', at - 1) - 1) % 2 == 1;
    auto unit = [&](size_t from) { return std::stoul(mended.substr(from + 2, 4), nullptr, 16) & 0xFC00; };
    if (escaped) {
      at += 2;
    } else if (unit(at) == 0xD800 && mended.substr(at + 6, 2) == "\\u" && unit(at + 6) == 0xDC00) {
      at += 12;
    } else {
      if (unit(at) == 0xD800 || unit(at) == 0xDC00) mended.replace(at + 2, 4, "fffd");
      at += 6;
    }
  }
  parsed = parse_json(mended);
  return parsed.is_string() ? parsed.get<std::string>() : std::string();
}

bool says(std::string_view string, std::string_view expected) {
  if (!is_string(string)) return false;
  if (string.find('\\') == npos) return string.substr(1, string.size() - 2) == expected;
  return decode(string) == expected;
}

std::string encode(std::string_view characters) {
  return to_text(characters);
}

}  // namespace clickflow::mcp::json
