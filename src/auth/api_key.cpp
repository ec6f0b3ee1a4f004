#include "clickflow/auth/api_key.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/base/ascii.h"
#include "clickflow/http/www_authenticate.h"
#include "json_fields.h"

namespace clickflow::auth {
namespace {

constexpr std::string_view prefix = "cf_ak_";
constexpr size_t shortest_random_part = 8;

// All that the server told of its reason, in lower case, to look words up in.
std::string reason(const Refusal& refusal) {
  std::string text;
  if (const auto challenge = http::bearer_challenge(refusal.headers)) {
    for (const auto& [name, value] : challenge->params) {
      if (name == "error" || name == "error_description") text += value + " ";
    }
  }
  const auto body = parse_json(refusal.body);
  for (const char* name : {"error", "error_description", "detail", "message"}) {
    text += text_field(body, name).value_or("") + " ";
  }
  return lower(text);
}

// `name` begins a sentence. `give_scope` and `replace` are what the person can do.
tl::unexpected<Error> refused(const std::string& name, const Refusal& refusal, const std::string& give_scope,
                              const std::string& replace) {
  if (refusal.status == 403) {
    const auto challenge = http::bearer_challenge(refusal.headers);
    const auto scope = challenge ? challenge->param("scope") : std::nullopt;
    return fail(ErrorCode::forbidden,
                name + " lacks a scope that this needs" + (scope ? ": " + std::string(*scope) : "") + ".",
                give_scope);
  }
  const std::string why = reason(refusal);
  const bool expired = why.find("expired") != std::string::npos;
  const bool revoked = why.find("revoked") != std::string::npos;
  // Both words are RFC 6750's own for every token that is refused, and say nothing.
  const std::string state =
      expired == revoked ? "was refused: it is wrong, revoked or expired (the server does not say which)"
      : expired          ? "has expired"
                         : "has been revoked";
  return fail(ErrorCode::unauthenticated, name + " " + state + ".", replace);
}

}  // namespace

Result<Secret> parse_api_key(std::string_view text) {
  auto is_key_char = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
  };
  const bool shaped = text.starts_with(prefix) && text.size() >= prefix.size() + shortest_random_part &&
                      std::all_of(text.begin(), text.end(), is_key_char);
  if (shaped) return Secret(std::string(text));
  std::string start;
  for (char c : text.substr(0, 4)) start += is_key_char(c) ? c : '?';
  return fail(ErrorCode::invalid_input,
              "The API key (it begins with \"" + start +
                  "\") does not look like one of ClickFlow's, so it was not sent.",
              "Copy it again from Dashboard > Settings > API Keys; it begins with cf_ak_.");
}

Result<std::optional<Secret>> ApiKeySource::token(const Occasion&) {
  return key_;
}

Result<void> ApiKeySource::renew(const Refusal& refusal, const std::optional<Secret>& used, const Occasion&) {
  if (used != key_) return {};  // it was sent before this key was there
  return refused(
      "The API key", refusal,
      "Give it that scope in ClickFlow under Dashboard > Settings > API Keys, or use a key that has it.",
      "Make a new one in ClickFlow under Dashboard > Settings > API Keys and " + replacing_ + ".");
}

Result<std::optional<Secret>> OwnHeaderSource::token(const Occasion&) {
  return std::nullopt;
}

Result<void> OwnHeaderSource::renew(const Refusal& refusal, const std::optional<Secret>&, const Occasion&) {
  return refused("The credential in your Authorization header", refusal, "Use one that has that scope.",
                 "Set --header, or CLICKFLOW_HEADER, to a good one where this program is configured.");
}

}  // namespace clickflow::auth
