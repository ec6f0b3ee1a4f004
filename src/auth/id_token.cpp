#include "id_token.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/base/base64.h"
#include "json_fields.h"

namespace clickflow::auth {
namespace {

constexpr size_t longest_account = 100;

bool is_for(const Json& claims, std::string_view client_id) {
  if (text_field(claims, "aud") == client_id) return true;
  const auto audiences = list_field(claims, "aud").value_or(std::vector<std::string>());
  return std::find(audiences.begin(), audiences.end(), client_id) != audiences.end();
}

}  // namespace

std::string account_of(std::string_view id_token, std::string_view issuer, std::string_view client_id) {
  const size_t from = std::min(id_token.find('.'), id_token.size());
  const size_t to = std::min(id_token.find('.', from + 1), id_token.size());
  if (from == to) return {};
  const auto payload = base64url_decode(id_token.substr(from + 1, to - from - 1));
  const auto claims = parse_json(payload.value_or(""));
  if (text_field(claims, "iss") != issuer || !is_for(claims, client_id)) return {};
  for (const char* name : {"email", "preferred_username", "name", "sub"}) {
    auto text = text_field(claims, name).value_or("");
    std::erase_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (text.size() > longest_account)
      text = name == std::string_view("sub") ? text.substr(0, longest_account) : "";
    if (!text.empty()) return text;
  }
  return {};
}

}  // namespace clickflow::auth
