#include "clickflow/http/headers.h"

#include <algorithm>

#include "clickflow/base/ascii.h"

namespace clickflow::http {

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool is_valid_name(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_valid_value(std::string_view value) {
  auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  if (!value.empty() && (is_space(value.front()) || is_space(value.back()))) return false;
  return std::all_of(value.begin(), value.end(), [](char c) { return c == '\t' || (c >= 0x20 && c < 0x7f); });
}

void Headers::set(std::string name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return equal_without_case(field.first, name); });
  add(std::move(name), std::move(value));
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (equal_without_case(key, name)) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : fields_) {
    if (equal_without_case(key, name)) values.emplace_back(value);
  }
  return values;
}

std::vector<std::string_view> Headers::elements(std::string_view name) const {
  constexpr std::string_view blanks = " \t";
  std::vector<std::string_view> elements;
  for (auto rest : all(name)) {
    while (!rest.empty()) {
      auto element = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(element.size() + 1, rest.size()));
      element.remove_prefix(std::min(element.find_first_not_of(blanks), element.size()));
      element = element.substr(0, element.find_last_not_of(blanks) + 1);
      if (!element.empty()) elements.push_back(element);
    }
  }
  return elements;
}

}  // namespace clickflow::http
