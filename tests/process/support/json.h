#pragma once

#include <string>
#include <string_view>

/// Looking into JSON with a parser that is not the program's own.
namespace clickflow::testing {

bool is_json_object(std::string_view text);

/// The value at a JSON pointer (RFC 6901), written compactly; empty where there is none, or no JSON.
std::string value_at(std::string_view text, const std::string& pointer);

/// The same for a string, without its quotes; empty where there is no string.
std::string text_at(std::string_view text, const std::string& pointer);

/// A JSON string of these characters.
std::string json_string(std::string_view characters);

}  // namespace clickflow::testing
