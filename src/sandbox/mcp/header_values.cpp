#include "clickflow/sandbox/mcp/header_values.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/base/ascii.h"
#include "clickflow/base/base64.h"

namespace clickflow::sandbox {
namespace {

constexpr std::string_view encoded_begin = "=?base64?";
constexpr std::string_view encoded_end = "?=";

bool is_field_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c == '\t' || (c >= 0x20 && c <= 0x7e); });
}

// RFC 4648, section 4, with its padding.
std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0 || text.find_first_of("-_") != std::string_view::npos) return std::nullopt;
  std::string url_text(text);
  for (int padding = 0; padding < 2 && url_text.ends_with('='); ++padding) url_text.pop_back();
  std::replace(url_text.begin(), url_text.end(), '+', '-');
  std::replace(url_text.begin(), url_text.end(), '/', '_');
  return base64url_decode(url_text);
}

std::optional<std::string> mismatch_of(const Request& request, const std::string& name,
                                       const Json& argument) {
  const auto field = request.headers.find(lower(name));
  const bool is_said = field != request.headers.end();
  if (argument.is_null()) {
    return is_said ? std::optional(header_mismatch(name, field->second, "")) : std::nullopt;
  }
  if (!is_said) return header_missing(name);
  const std::string meant = argument.is_string() ? argument.get<std::string>() : to_text(argument);
  return decode_header_value(field->second) == meant
             ? std::nullopt
             : std::optional(header_mismatch(name, field->second, meant));
}

}  // namespace

std::optional<std::string> decode_header_value(std::string_view value) {
  if (!is_field_value(value)) return std::nullopt;
  const bool is_encoded = value.size() >= encoded_begin.size() + encoded_end.size() &&
                          value.starts_with(encoded_begin) && value.ends_with(encoded_end);
  if (!is_encoded) return std::string(value);
  value.remove_prefix(encoded_begin.size());
  value.remove_suffix(encoded_end.size());
  return base64_decode(value);
}

std::optional<std::string> parameter_mismatch(const Request& request, const Json& schema,
                                              const Json& arguments) {
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [name, property] : properties.items()) {
    const Json field = member(property, "x-mcp-header");
    if (!field.is_string()) continue;
    const Json argument = member(arguments, name.c_str());
    if (auto mismatch = mismatch_of(request, "Mcp-Param-" + field.get<std::string>(), argument))
      return mismatch;
  }
  return std::nullopt;
}

std::string header_mismatch(std::string_view name, std::string_view said, std::string_view meant) {
  return fmt::format("Header mismatch: {} header value '{}' does not match body value '{}'", name, said,
                     meant);
}

std::string header_missing(std::string_view name) {
  return fmt::format("Header mismatch: the {} header is missing", name);
}

}  // namespace clickflow::sandbox
