#include "process/support/json.h"

#include <nlohmann/json.hpp>

namespace clickflow::testing {
namespace {

using Json = nlohmann::ordered_json;

// Null where there is none: no test looks for one.
Json find(std::string_view text, const std::string& pointer) {
  const Json whole = Json::parse(text, nullptr, false);
  const Json::json_pointer at(pointer);
  return !whole.is_discarded() && whole.contains(at) ? whole.at(at) : Json();
}

}  // namespace

bool is_json_object(std::string_view text) {
  return Json::parse(text, nullptr, false).is_object();
}

std::string value_at(std::string_view text, const std::string& pointer) {
  const Json value = find(text, pointer);
  return value.is_null() ? std::string() : value.dump();
}

std::string text_at(std::string_view text, const std::string& pointer) {
  const Json value = find(text, pointer);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::string json_string(std::string_view characters) {
  return Json(characters).dump();
}

}  // namespace clickflow::testing
