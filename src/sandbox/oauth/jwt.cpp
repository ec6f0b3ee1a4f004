#include "clickflow/sandbox/oauth/jwt.h"

#include <nlohmann/json.hpp>

#include "clickflow/base/base64.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t longest_token = 16384;

}  // namespace

std::string make_jwt(SigningKey& key, const char* type, const Json& claims) {
  const Json header{{"alg", "RS256"}, {"typ", type}, {"kid", key.id()}};
  const std::string signed_part = base64url_encode(to_text(header)) + "." + base64url_encode(to_text(claims));
  return signed_part + "." + base64url_encode(key.sign(signed_part));
}

std::optional<Json> read_jwt(SigningKey& key, std::string_view type, std::string_view token) {
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  if (token.size() > longest_token || first == std::string_view::npos || first == last) return std::nullopt;
  const auto header_text = base64url_decode(token.substr(0, first));
  const auto claims_text = base64url_decode(token.substr(first + 1, last - first - 1));
  const auto signature = base64url_decode(token.substr(last + 1));
  if (!header_text || !claims_text || !signature) return std::nullopt;

  const Json header = parse_json(*header_text);
  if (member(header, "alg") != "RS256" || member(header, "typ") != type ||
      member(header, "kid") != key.id() || !key.verify(token.substr(0, last), *signature)) {
    return std::nullopt;
  }
  Json claims = parse_json(*claims_text);
  if (!claims.is_object()) return std::nullopt;
  return claims;
}

}  // namespace clickflow::sandbox
