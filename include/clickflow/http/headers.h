#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clickflow::http {

/// Header fields. Names compare without case; the fields of one name are in the order in which they came.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// Replaces every field of that name.
  void set(std::string name, std::string value);
  /// The first field of that name.
  std::optional<std::string_view> get(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  /// The elements of the list that all fields of that name make (RFC 9110, section 5.6.1). None of them may
  /// be a quoted string.
  std::vector<std::string_view> elements(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool equal_without_case(std::string_view a, std::string_view b);

/// A token as RFC 9110 (section 5.6.2) has it.
bool is_valid_name(std::string_view name);
/// Printable ASCII, spaces and tabs inside: nothing that could end the line and begin another (RFC 9110,
/// section 5.5).
bool is_valid_value(std::string_view value);

}  // namespace clickflow::http
