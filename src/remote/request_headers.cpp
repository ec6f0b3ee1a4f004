#include "request_headers.h"

#include <array>
#include <charconv>
#include <optional>

#include "clickflow/base/base64.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"

namespace clickflow::remote {
namespace {

namespace json = mcp::json;

constexpr std::string_view encoded_begin = "=?base64?";
constexpr std::string_view encoded_end = "?=";

// Which parameter a method's Mcp-Name is. The tasks are an extension's (SEP-2663).
struct Name {
  std::string_view method;
  std::string_view parameter;
};
constexpr std::array<Name, 6> names{{{"tools/call", "name"},
                                     {"prompts/get", "name"},
                                     {"resources/read", "uri"},
                                     {"tasks/get", "taskId"},
                                     {"tasks/update", "taskId"},
                                     {"tasks/cancel", "taskId"}}};

// A header has the digits of a whole number, however JSON spells it (4.2e1). What is none, or too long to be
// one that a double holds, stays as it is.
std::string decimal(std::string_view number) {
  constexpr int most_digits = 17, most_exponent = 10'000;
  const std::string as_it_is(number);
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  const size_t mark = number.find_first_of("eE");
  int exponent = 0;
  if (mark != std::string_view::npos) {
    auto text = number.substr(mark + 1);
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (read.ec != std::errc() || exponent < -most_exponent || exponent > most_exponent) return as_it_is;
  }
  std::string digits(number.substr(0, mark));
  const size_t point = digits.find('.');
  if (point != std::string::npos) {
    exponent -= static_cast<int>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return "0";
  for (; exponent < 0 && digits.ends_with('0'); ++exponent) digits.pop_back();
  if (exponent < 0 || exponent > most_digits) return as_it_is;
  digits.append(static_cast<size_t>(exponent), '0');
  return (negative ? "-" : "") + digits;
}

// Nothing for null and for what no header can say.
std::optional<std::string> text_of(std::string_view value) {
  if (json::is_string(value)) return json::decode(value);
  if (json::is_number(value)) return decimal(value);
  if (value == "true" || value == "false") return std::string(value);
  return {};
}

std::optional<std::string_view> at(std::string_view value, const std::vector<std::string>& path) {
  for (const auto& step : path) {
    const auto next = json::member(value, step);
    if (!next) return {};
    value = *next;
  }
  return value;
}

}  // namespace

std::string header_text(std::string_view value) {
  const bool looks_encoded = value.starts_with(encoded_begin) && value.ends_with(encoded_end);
  // An empty field is often taken for none.
  if (!value.empty() && http::is_valid_value(value) && !looks_encoded) return std::string(value);
  return std::string(encoded_begin) + base64_encode(value) + std::string(encoded_end);
}

void mirror(const mcp::Message& request, const std::vector<ParameterHeader>& parameters,
            http::Headers& headers) {
  const auto revision = mcp::RequestMeta(request).revision;
  if (json::is_string(revision)) headers.set("MCP-Protocol-Version", json::decode(revision));
  headers.set("Mcp-Method", request.method());
  for (const auto& name : names) {
    const auto value = request.param(name.parameter);
    if (request.method() == name.method && json::is_string(value))
      headers.set("Mcp-Name", header_text(json::decode(value)));
  }
  for (const auto& parameter : parameters) {
    const auto value = at(request.param("arguments"), parameter.path);
    const auto text = value ? text_of(*value) : std::nullopt;
    if (text) headers.set("Mcp-Param-" + parameter.name, header_text(*text));
  }
}

}  // namespace clickflow::remote
