#include "clickflow/mcp/message.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "clickflow/base/json.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"

namespace clickflow::mcp {
namespace {

// 2^53 - 1: up to here a double holds every whole number, and only that.
constexpr double largest_exact = 9007199254740991;

bool is_id(std::string_view value) {
  return json::is_string(value) || json::is_number(value);
}

// As JavaScript reads it. Nothing where no double is that large.
std::optional<double> as_double(std::string_view number) {
  const auto parsed = parse_json(number);
  return parsed.is_number() ? std::optional(parsed.get<double>()) : std::nullopt;
}

// Of a text that is not valid, whatever else may be wrong with it.
bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > json::max_depth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

tl::expected<Message, Invalid> Message::parse(std::string text) {
  return parse(std::move(text), json::max_depth);
}

tl::expected<Message, Invalid> Message::from_peer(std::string text) {
  return parse(std::move(text), max_peer_depth);
}

Message Message::of(std::string text) {
  auto message = parse(std::move(text));
  if (!message) throw std::logic_error("a message of our own: " + message.error().what);
  return *std::move(message);
}

tl::expected<Message, Invalid> Message::parse(std::string text, int max_depth) {
  Message message;
  message.text_ = std::move(text);
  const std::string_view whole = message.text_;

  std::string_view id, jsonrpc, method;
  bool has_id = false, has_method = false, has_result = false, has_error = false;
  bool doubled = false, id_doubled = false;
  auto span = [&](std::string_view value) {
    return Span{static_cast<size_t>(value.data() - whole.data()), value.size()};
  };
  auto once = [&](bool& seen) { doubled |= std::exchange(seen, true); };

  json::Members members(whole);
  bool has_jsonrpc = false, has_params = false;
  while (const auto member = members.next()) {
    if (json::says(member->key, "jsonrpc")) {
      once(has_jsonrpc);
      jsonrpc = member->value;
    } else if (json::says(member->key, "id")) {
      id_doubled |= std::exchange(has_id, true);
      id = member->value;
    } else if (json::says(member->key, "method")) {
      once(has_method);
      method = member->value;
    } else if (json::says(member->key, "params")) {
      once(has_params);
      message.params_ = span(member->value);
    } else if (json::says(member->key, "result")) {
      once(has_result);
      message.result_ = span(member->value);
    } else if (json::says(member->key, "error")) {
      once(has_error);
      message.error_ = span(member->value);
    }
  }
  if (!members.valid()) {
    if (json::is_valid(whole))
      return tl::make_unexpected(Invalid{invalid_request, "The message is not an object.", {}});
    return tl::make_unexpected(Invalid{parse_error,
                                       is_too_deep(whole) ? "The message is nested too deeply to be read."
                                                          : "The message is not valid JSON.",
                                       {}});
  }

  // Only a request is answered; a broken response must not be.
  const bool may_answer = has_method || (!has_result && !has_error);
  auto refuse = [&](ErrorNumber code, std::string what) {
    return tl::make_unexpected(Invalid{
        code, std::move(what), may_answer && is_id(id) && !id_doubled ? std::string(id) : std::string()});
  };
  if (members.depth() > max_depth) {
    return refuse(invalid_request,
                  "The message is nested deeper than " + std::to_string(max_depth) + " levels.");
  }
  if (doubled || id_doubled) return refuse(invalid_request, "The message has a member twice.");
  if (!json::says(jsonrpc, "2.0"))
    return refuse(invalid_request, "The message does not say \"jsonrpc\": \"2.0\".");
  if (has_method) {
    if (!json::is_string(method)) return refuse(invalid_request, "The method is not a string.");
    if (has_result || has_error)
      return refuse(invalid_request, "The message has both a method and a result or error.");
    if (has_id && !is_id(id)) return refuse(invalid_request, "The id is neither a string nor a number.");
    if (has_params && !json::is_object(message.params()))
      return refuse(invalid_params, "The params are not an object.");
    message.kind_ = has_id ? Kind::request : Kind::notification;
    message.method_ = json::decode(method);
  } else {
    if (has_result == has_error)
      return refuse(invalid_request, "The message is no request, notification or response.");
    if (has_error && (!has_id || id == "null")) {
      id = {};
    } else if (!is_id(id)) {
      return refuse(invalid_request, "The response has no id.");
    }
    if (has_error && !json::is_object(message.error()))
      return refuse(invalid_request, "The error is not an object.");
    message.kind_ = Kind::response;
  }
  if (!id.empty()) message.id_ = span(id);
  // White space is the only place where valid JSON has line ends.
  std::replace(message.text_.begin(), message.text_.end(), '\n', ' ');
  std::replace(message.text_.begin(), message.text_.end(), '\r', ' ');
  return message;
}

std::string_view Message::param(std::string_view name) const {
  return json::member(params(), name).value_or(std::string_view());
}

Message Message::with(std::string_view part, std::string_view replacement) const {
  std::string text;
  const size_t at = static_cast<size_t>(part.data() - text_.data());
  text.reserve(text_.size() + replacement.size());
  text.append(text_, 0, at).append(replacement).append(text_, at + part.size());
  return of(std::move(text));
}

bool looks_like_batch(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '[';
}

std::optional<std::vector<std::string>> split_batch(std::string_view text) {
  std::vector<std::string> result;
  json::Elements elements(text);
  while (const auto element = elements.next()) result.emplace_back(*element);
  if (!elements.valid()) return std::nullopt;
  return result;
}

std::string id_of_request(std::string_view beginning, std::string_view end) {
  std::string id;
  bool has_id = false, has_method = false;
  json::Members members(beginning);
  while (const auto member = members.next()) {
    // What stands at the cut may go on behind it.
    if (member->value.data() + member->value.size() == beginning.data() + beginning.size()) break;
    if (json::says(member->key, "result") || json::says(member->key, "error")) return {};
    if (json::says(member->key, "method")) has_method = true;
    if (!json::says(member->key, "id")) continue;
    if (std::exchange(has_id, true) || !is_id(member->value)) return {};
    id = member->value;
  }
  if (!has_method || has_id) return has_method ? id : std::string();
  // The last member of the whole, since what closes it is the last that there is. In a string its quotes
  // would be escaped.
  constexpr std::string_view key = "\"id\"";
  const size_t at = end.rfind(key);
  if (at == std::string_view::npos) return {};
  const size_t before = end.substr(0, at).find_last_not_of(" \t\r");
  if (before == std::string_view::npos || end[before] != ',') return {};
  const std::string last = '{' + std::string(end.substr(at));
  const auto value = json::is_valid(last) ? json::member(last, "id") : std::nullopt;
  return value && is_id(*value) ? std::string(*value) : std::string();
}

bool same_id(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (json::is_string(a) && json::is_string(b)) return json::decode(a) == json::decode(b);
  if (!json::is_number(a) || !json::is_number(b)) return false;
  const auto x = as_double(a);
  return x && x == as_double(b);
}

std::string id_key(std::string_view id) {
  if (json::is_string(id)) return "s" + json::decode(id);
  const bool integer =
      std::all_of(id.begin(), id.end(), [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
  if (integer && id != "-0") return "n" + std::string(id);
  // 1, 1.0 and 1e0 are one number.
  const auto value = as_double(id);
  if (!value) return "n" + std::string(id);
  const bool whole = *value == std::floor(*value) && std::abs(*value) <= largest_exact;
  return "n" + (whole ? std::to_string(static_cast<long long>(*value)) : to_text(*value));
}

std::string words_of(std::string_view error) {
  const auto message = json::member(error, "message");
  std::string words = message && json::is_string(*message) ? json::decode(*message) : "";
  if (words.ends_with('.')) words.pop_back();
  return words;
}

bool is_error(std::string_view error, ErrorNumber code) {
  const auto number = json::member(error, "code");
  return number && same_id(*number, std::to_string(code));
}

std::string make_request(std::string_view id, std::string_view method, std::string_view params) {
  std::string text = R"({"jsonrpc":"2.0",)";
  if (!id.empty()) text.append("\"id\":").append(id).append(",");
  text.append("\"method\":").append(json::encode(method));
  if (!params.empty()) text.append(",\"params\":").append(params);
  text += '}';
  return text;
}

std::string make_notification(std::string_view method, std::string_view params) {
  return make_request({}, method, params);
}

std::string make_result(std::string_view id, std::string_view result) {
  return make_result(id, {result});
}

std::string make_result(std::string_view id, std::initializer_list<std::string_view> pieces) {
  constexpr std::string_view begin = R"({"jsonrpc":"2.0","id":)", middle = R"(,"result":)", end = "}";
  size_t size = begin.size() + id.size() + middle.size() + end.size();
  for (const auto piece : pieces) size += piece.size();
  std::string text;
  text.reserve(size);
  text.append(begin).append(id).append(middle);
  for (const auto piece : pieces) text.append(piece);
  text.append(end);
  return text;
}

std::string make_error(std::string_view id, ErrorNumber code, std::string_view message,
                       std::string_view data) {
  return make_error_of(id, json::ObjectText()
                               .add("code", std::to_string(code))
                               .add("message", json::encode(message))
                               .add_if_any("data", data)
                               .text());
}

std::string make_error_of(std::string_view id, std::string_view error) {
  std::string text = R"({"jsonrpc":"2.0",)";
  if (!id.empty()) text.append("\"id\":").append(id).append(",");
  return text.append("\"error\":").append(error).append("}");
}

std::string make_tool_error(std::string_view id, std::string_view text) {
  return make_result(id,
                     R"({"content":[{"type":"text","text":)" + json::encode(text) + R"(}],"isError":true})");
}

}  // namespace clickflow::mcp
