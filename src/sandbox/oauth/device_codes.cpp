#include "clickflow/sandbox/oauth/device_codes.h"
#include "clickflow/base/sha256.h"

#include <algorithm>

#include "../make_room.h"
#include "clickflow/sandbox/random.h"

namespace clickflow::sandbox {
namespace {

constexpr size_t device_code_length = 43;  // 256 bits
constexpr size_t most_codes = 1000;
constexpr auto remembered = std::chrono::minutes(10);  // after the end, so that clients hear how it ended

// The client measures its waits with another clock, and messages take their time.
constexpr auto tolerance = std::chrono::milliseconds(500);

// 20 consonants: 34 bits in 8 of them, no words, nothing that looks alike (RFC 8628, section 6.1).
constexpr std::string_view letters = "BCDFGHJKLMNPQRSTVWXZ";
constexpr size_t user_code_length = 8;

std::string make_user_code() {
  std::string code;
  while (code.size() < user_code_length) {
    for (const char c : random_text(32)) {
      const bool fits = letters.find(c) != std::string_view::npos;
      if (fits && code.size() < user_code_length) code += c;
    }
  }
  return code;
}

std::string normalized(std::string_view typed) {
  std::string code;
  for (char c : typed) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    if (letters.find(c) != std::string_view::npos) code += c;
  }
  return code;
}

}  // namespace

DeviceCodePair DeviceCodes::add(DeviceRequest request) {
  const Time now = clock_();
  DeviceCodePair pair{"cf_dc_" + random_text(device_code_length), ""};
  std::lock_guard guard(mutex_);
  std::erase_if(codes_, [&](const auto& entry) { return entry.second.expires + remembered <= now; });
  make_room(codes_, most_codes, [](const Entry& entry) { return entry.expires; });
  std::string code;
  do {
    code = make_user_code();
  } while (find_open(code));
  Entry entry;
  entry.user_code = code;
  entry.request = std::move(request);
  entry.expires = now + life;
  codes_[sha256_hex(pair.device_code)] = std::move(entry);
  pair.user_code = as_shown(code);
  return pair;
}

std::string DeviceCodes::as_shown(std::string_view typed) {
  std::string code = normalized(typed);
  if (code.size() > user_code_length / 2) code.insert(user_code_length / 2, "-");
  return code;
}

DeviceCodes::Entry* DeviceCodes::find_open(std::string_view user_code) {
  const std::string wanted = normalized(user_code);
  for (auto& [digest, entry] : codes_) {
    if (entry.user_code == wanted && !entry.decided && entry.expires > clock_()) return &entry;
  }
  return nullptr;
}

std::optional<DeviceRequest> DeviceCodes::find(std::string_view user_code) {
  std::lock_guard guard(mutex_);
  const Entry* entry = find_open(user_code);
  return entry ? std::optional(entry->request) : std::nullopt;
}

bool DeviceCodes::decide(std::string_view user_code, std::optional<Consent> consent) {
  std::lock_guard guard(mutex_);
  Entry* entry = find_open(user_code);
  if (!entry) return false;
  entry->decided = true;
  entry->consent = std::move(consent);
  return true;
}

OAuthResult<Consent> DeviceCodes::poll(std::string_view device_code, const OAuthClient& client) {
  const Time now = clock_();
  std::lock_guard guard(mutex_);
  const auto found = codes_.find(sha256_hex(device_code));
  if (found == codes_.end() || found->second.request.client != client.id) {
    return refuse("invalid_grant", "The device code is not known, or was used.");
  }
  Entry& entry = found->second;
  if (entry.expires <= now) return refuse("expired_token", "The code was not entered in time.");
  if (entry.polled && now + tolerance < *entry.polled + entry.interval) {
    entry.polled = now;
    entry.interval += std::chrono::seconds(5);
    return refuse("slow_down", "Asked too soon; wait " + std::to_string(entry.interval.count()) + " s.");
  }
  entry.polled = now;
  if (!entry.decided) return refuse("authorization_pending", "The person has not decided yet.");
  if (!entry.consent) return refuse("access_denied", "The person said no.");
  Consent consent = *std::move(entry.consent);
  codes_.erase(found);
  return consent;
}

}  // namespace clickflow::sandbox
