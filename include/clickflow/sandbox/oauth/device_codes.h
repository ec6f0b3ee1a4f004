#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/sandbox/oauth/token_service.h"

namespace clickflow::sandbox {

/// What a device wants, while a person decides elsewhere.
struct DeviceRequest {
  std::string client;
  std::string resource;
  OAuthScopes scopes;
};

struct DeviceCodePair {
  std::string device_code;  ///< for the client
  std::string user_code;    ///< for the person, as in BCDF-GHJK
};

/// The codes of the device grant (RFC 8628), in memory. Good for 600 s; a client may ask every 5 s, and 5 s
/// less often each time it asked too soon. At most 1000. Any thread may call anything.
class DeviceCodes {
 public:
  static constexpr std::chrono::seconds life{600};
  static constexpr std::chrono::seconds first_interval{5};

  explicit DeviceCodes(Clock clock) : clock_(std::move(clock)) {}

  DeviceCodePair add(DeviceRequest request);

  /// A code that a person typed, in whatever case and with whatever between the letters, as the device shows
  /// it.
  static std::string as_shown(std::string_view typed);

  /// What stands behind a code, however it was typed. Nothing where it is unknown, old, or decided.
  std::optional<DeviceRequest> find(std::string_view user_code);
  /// The person's answer: nothing for no. False where find() gives nothing.
  bool decide(std::string_view user_code, std::optional<Consent> consent);

  /// The answer, once, for the client that asks for it. `authorization_pending`, `slow_down`,
  /// `access_denied`, `expired_token`, or `invalid_grant` for an unknown code.
  OAuthResult<Consent> poll(std::string_view device_code, const OAuthClient& client);

 private:
  struct Entry {
    std::string user_code;  // without the hyphen
    DeviceRequest request;
    Time expires;
    std::chrono::seconds interval{first_interval};
    std::optional<Time> polled;
    bool decided = false;
    std::optional<Consent> consent;
  };
  Entry* find_open(std::string_view user_code);

  const Clock clock_;
  std::mutex mutex_;
  std::map<std::string, Entry> codes_;  // by the SHA-256 of the device code
};

}  // namespace clickflow::sandbox
