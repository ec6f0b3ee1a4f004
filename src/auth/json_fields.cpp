#include "json_fields.h"

#include <nlohmann/json.hpp>

namespace clickflow::auth {

std::optional<std::string> text_field(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

bool true_field(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::optional<std::vector<std::string>> list_field(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array()) return std::nullopt;
  std::vector<std::string> texts;
  for (const auto& element : *found) {
    if (element.is_string()) texts.push_back(element.get<std::string>());
  }
  return texts;
}

std::optional<int64_t> number_field(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::nullopt;
  constexpr double largest = 1e15;  // fits an int64_t, and whoever reads it has a limit of his own
  if (found->is_number()) {
    const double value = found->get<double>();
    return value >= -largest && value <= largest ? std::optional(static_cast<int64_t>(value)) : std::nullopt;
  }
  if (!found->is_string()) return std::nullopt;
  const auto& text = found->get_ref<const std::string&>();
  const bool digits = !text.empty() && text.size() <= 15 && text.find_first_not_of("0123456789") == text.npos;
  return digits ? std::optional<int64_t>(std::stoll(text)) : std::nullopt;
}

}  // namespace clickflow::auth
