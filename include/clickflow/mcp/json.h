#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Reading JSON (RFC 8259) in place: values stay the bytes that they are, and no document is built. That is
/// how a 20 MB result passes in its own size, and arrives as the server wrote it, down to the digits of a
/// number.
namespace clickflow::mcp::json {

/// Deeper nesting is not read. It is twice what a peer's message may have (Message::from_peer), so that what
/// is made of one here can be read again.
constexpr int max_depth = 1024;

/// Where the value that begins at `from` (white space allowed before it) ends, or nothing if there is no
/// whole, valid value. Strings must be UTF-8; a lone surrogate escape is let through, since JavaScript writes
/// them. `deepest` is raised to the value's own depth: 0 for a scalar, 1 for `[]`.
std::optional<size_t> end_of_value(std::string_view text, size_t from = 0, int* deepest = nullptr);

/// True if `text` is one value and nothing else but white space.
bool is_valid(std::string_view text);

/// Goes through an object's members in order. What it is given must be an object; anything else has no
/// members.
class Members {
 public:
  explicit Members(std::string_view object);

  struct Member {
    std::string_view key;    ///< with its quotes
    std::string_view value;  ///< without white space around it
  };
  /// Nothing at the end and at an error.
  std::optional<Member> next();
  /// Asked after the last member: was it a whole, valid object with nothing behind it?
  bool valid() const { return valid_; }
  /// How deep the members read so far are nested, the object itself counted.
  int depth() const { return deepest_ + 1; }

 private:
  std::string_view text_;
  size_t at_ = 0;
  int deepest_ = 0;
  bool first_ = true;
  bool done_ = false;
  bool valid_ = false;
};

/// The same for an array.
class Elements {
 public:
  explicit Elements(std::string_view array);
  std::optional<std::string_view> next();
  bool valid() const { return valid_; }

 private:
  std::string_view text_;
  size_t at_ = 0;
  bool first_ = true;
  bool done_ = false;
  bool valid_ = false;
};

/// The value of the first member of that name, or nothing.
std::optional<std::string_view> member(std::string_view object, std::string_view name);

inline bool is_object(std::string_view value) {
  return value.starts_with('{');
}
inline bool is_array(std::string_view value) {
  return value.starts_with('[');
}
inline bool is_string(std::string_view value) {
  return value.starts_with('"');
}
inline bool is_number(std::string_view value) {
  return !value.empty() && (value[0] == '-' || (value[0] >= '0' && value[0] <= '9'));
}

/// The characters of a valid string in its quotes. Lone surrogates become U+FFFD.
std::string decode(std::string_view string);
/// True if a valid string in its quotes says just `expected`, however it is escaped.
bool says(std::string_view string, std::string_view expected);
/// In quotes and escaped; bytes that are not UTF-8 become U+FFFD.
std::string encode(std::string_view characters);

}  // namespace clickflow::mcp::json
