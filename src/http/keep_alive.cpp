#include "keep_alive.h"

#include <charconv>

#include "clickflow/base/ascii.h"

namespace clickflow::http {
namespace {

using Clock = std::chrono::steady_clock;

// How long an answer to our request, and our next one, may be under way.
constexpr auto way = std::chrono::seconds(1);

}  // namespace

std::optional<Clock::duration> kept_for(const Headers& headers) {
  for (const auto option : headers.elements("Connection")) {
    if (equal_without_case(option, "close")) return Clock::duration::zero();
  }
  // Where its length is in doubt, so is where the next answer begins (RFC 9112, section 6.3).
  if (headers.all("Content-Length").size() + headers.all("Transfer-Encoding").size() > 1)
    return Clock::duration::zero();
  constexpr std::string_view name = "timeout=";
  for (const auto parameter : headers.elements("Keep-Alive")) {
    int limit = 0;
    if (!equal_without_case(parameter.substr(0, name.size()), name)) continue;
    const auto [end, failure] =
        std::from_chars(parameter.data() + name.size(), parameter.data() + parameter.size(), limit);
    if (failure == std::errc() && limit >= 0) return std::chrono::seconds(limit) - way;
  }
  return std::nullopt;
}

}  // namespace clickflow::http
