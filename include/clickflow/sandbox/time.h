#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "clickflow/base/error.h"

namespace clickflow::sandbox {

using Time = std::chrono::system_clock::time_point;

/// What the time is. Given to whatever depends on it, so that a test can let a month pass. Any thread may
/// call it.
using Clock = std::function<Time()>;

Time system_now();

/// RFC 3339 in UTC to the second, as in 2026-11-24T03:40:14Z; the second function reads just that form.
std::string format_time(Time time);
std::optional<Time> parse_time(std::string_view text);

/// True for a day that exists, written as in 2026-11-24.
bool is_date(std::string_view text);

/// `10s`, `5m`, `1h` or `30d`, more than nothing and at most 36500 days. `invalid_input` for anything else.
Result<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace clickflow::sandbox
