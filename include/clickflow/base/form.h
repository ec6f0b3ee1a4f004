#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clickflow {

/// Everything but RFC 3986's unreserved characters (section 2.3) as %XX. A space is %20, which readers of
/// forms and of queries both understand.
std::string percent_encode(std::string_view text);

/// The fields of a query or of an application/x-www-form-urlencoded body, in order.
class Form {
 public:
  Form() = default;
  Form(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  /// Nothing where a percent sign isn't followed by two hexadecimal digits. A "+" is a space. Empty fields
  /// are skipped.
  static std::optional<Form> decode(std::string_view text);
  std::string encode() const;

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// The first field of that name.
  std::optional<std::string_view> get(std::string_view name) const;
  size_t count(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace clickflow
