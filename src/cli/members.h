#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "clickflow/base/json.h"

/// Members of what a server has said, where anything may stand: what is of another type counts as missing.
namespace clickflow::cli {

/// Empty where there is none.
inline std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// 0 where there is none.
inline double number_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

}  // namespace clickflow::cli
