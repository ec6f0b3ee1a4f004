#pragma once

#include <spdlog/fmt/fmt.h>

#include <string>
#include <string_view>

namespace clickflow::sandbox {

/// Markup. What a stranger chose becomes a part of it only through html(), which escapes it, so that no
/// oversight turns a name into a tag.
class Html {
 public:
  Html() = default;
  /// Markup that stands in the program.
  template <size_t size>
  Html(const char (&literal)[size]) : text_(literal) {}

  const std::string& text() const { return text_; }
  Html& operator+=(const Html& more) {
    text_ += more.text_;
    return *this;
  }

 private:
  explicit Html(std::string text) : text_(std::move(text)) {}
  template <size_t size, class... Values>
  friend Html html(const char (&pattern)[size], const Values&... values);
  std::string text_;
};

/// `text` for use between tags and in quoted attributes. Control characters become U+FFFD.
std::string escape_html(std::string_view text);

inline std::string in_markup(std::string_view text) {
  return escape_html(text);
}
inline std::string in_markup(const Html& markup) {
  return markup.text();
}

/// `pattern`, which is markup, with `{}` replaced: by markup as it is, by text escaped.
template <size_t size, class... Values>
Html html(const char (&pattern)[size], const Values&... values) {
  return Html(fmt::format(fmt::runtime(pattern), in_markup(values)...));
}

}  // namespace clickflow::sandbox
