#include "clickflow/sandbox/arguments.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "clickflow/sandbox/time.h"

namespace clickflow::sandbox {
namespace {

std::optional<std::string> problem_with_value(const std::string& name, const Json& value,
                                              const Json& schema) {
  if (schema.at("type") == "boolean") {
    return value.is_boolean() ? std::nullopt
                              : std::optional(fmt::format("\"{}\" must be true or false.", name));
  }
  if (!value.is_string()) return fmt::format("\"{}\" must be a string.", name);
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() < schema.value("minLength", 0u)) return fmt::format("\"{}\" must not be empty.", name);
  if (schema.value("format", "") == "date" && !is_date(text)) {
    return fmt::format("\"{}\" must be a date, as in 2026-12-31.", name);
  }
  if (schema.contains("enum")) {
    const auto allowed = schema.at("enum").get<std::vector<std::string>>();
    if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
      return fmt::format("\"{}\" must be one of: {}.", name, fmt::join(allowed, ", "));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> problem_with(const Json& arguments, const Json& schema) {
  if (!arguments.is_object()) return "The arguments must be an object.";
  const Json properties = schema.value("properties", Json::object());
  for (const auto& name : schema.value("required", std::vector<std::string>())) {
    if (!arguments.contains(name)) return fmt::format("\"{}\" is required.", name);
  }
  for (const auto& [name, value] : arguments.items()) {
    if (!properties.contains(name)) return fmt::format("There is no argument \"{}\".", name);
    if (auto problem = problem_with_value(name, value, properties.at(name))) return problem;
  }
  return std::nullopt;
}

}  // namespace clickflow::sandbox
