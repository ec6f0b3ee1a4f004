#include "stored_json.h"

#include <nlohmann/json.hpp>

namespace clickflow::auth {

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::keychain_damaged, "What is stored of your sign-in can't be read.",
              "Sign in again, which replaces it.");
}

Result<Json> parse_stored(const Secret& text) {
  auto object = parse_json(text.expose());
  const auto version = number_field(object, "version");
  if (!version || *version < 1) return damaged();
  if (*version > stored_version) {
    return fail(ErrorCode::keychain_damaged, "Your sign-in was stored by a newer version of this program.",
                "Update this one, or sign in again.");
  }
  return object;
}

Secret dump_stored(const Json& object) {
  return Secret(to_text(object));
}

int64_t to_seconds(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

TimePoint from_seconds(int64_t seconds) {
  constexpr int64_t latest = 9'000'000'000;  // the year 2255; the clock counts nanoseconds in 64 bits
  return TimePoint(std::chrono::seconds(std::clamp<int64_t>(seconds, 0, latest)));
}

}  // namespace clickflow::auth
