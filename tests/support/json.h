#pragma once

#include <catch2/catch_tostring.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "clickflow/base/json.h"

/// How Catch2 shows a document. Without it every test that compares one compiles the library's writer anew.
template <>
struct Catch::StringMaker<clickflow::Json> {
  static std::string convert(const clickflow::Json& json);
};
