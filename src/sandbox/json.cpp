#include "clickflow/sandbox/json.h"

#include <nlohmann/json.hpp>

namespace clickflow::sandbox {

Json member(const Json& json, const char* name) {
  return json.is_object() && json.contains(name) ? json.at(name) : Json();
}

std::string one_field(std::string_view name, std::string_view value) {
  return "{" + to_text(name) + ": " + to_text(value) + "}";
}

}  // namespace clickflow::sandbox
