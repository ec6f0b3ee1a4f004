#include "clickflow/sandbox/oauth/authorization_codes.h"

#include <algorithm>

#include "../make_room.h"
#include "clickflow/base/base64.h"
#include "clickflow/base/sha256.h"
#include "clickflow/sandbox/random.h"

namespace clickflow::sandbox {
namespace {

constexpr auto life = std::chrono::minutes(10);
constexpr size_t code_length = 43;  // 256 bits
constexpr size_t most_codes = 1000;

}  // namespace

std::string AuthorizationCodes::add(AuthorizedCode authorized) {
  const Time now = clock_();
  std::string code = "cf_ac_" + random_text(code_length);
  std::lock_guard guard(mutex_);
  std::erase_if(codes_, [&](const auto& entry) { return entry.second.expires <= now; });
  make_room(codes_, most_codes, [](const Entry& entry) { return entry.expires; });
  codes_[sha256_hex(code)] = {std::move(authorized), now + life, false, ""};
  return code;
}

AuthorizationCodes::Use AuthorizationCodes::use(std::string_view code) {
  std::lock_guard guard(mutex_);
  const auto found = codes_.find(sha256_hex(code));
  if (found == codes_.end() || found->second.expires <= clock_()) return {};
  if (found->second.used) return {std::nullopt, found->second.grant};
  found->second.used = true;
  return {found->second.authorized, ""};
}

void AuthorizationCodes::used_for(std::string_view code, const std::string& grant) {
  std::lock_guard guard(mutex_);
  if (const auto found = codes_.find(sha256_hex(code)); found != codes_.end()) found->second.grant = grant;
}

std::string s256_challenge(std::string_view verifier) {
  return base64url_encode(sha256(verifier));
}

bool is_code_verifier(std::string_view text) {
  return text.size() >= 43 && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '.' || c == '_' || c == '~';
         });
}

}  // namespace clickflow::sandbox
