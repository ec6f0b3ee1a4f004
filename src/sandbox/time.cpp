#include "clickflow/sandbox/time.h"

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include "read_number.h"

namespace clickflow::sandbox {
namespace {

struct Date {
  int year = 0;
  int month = 0;
  int day = 0;
};

int days_in_month(int year, int month) {
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (month == 2) return leap ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::optional<Date> read_date(std::string_view text) {
  Date date;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !read_number(text.substr(0, 4), date.year) ||
      !read_number(text.substr(5, 2), date.month) || !read_number(text.substr(8, 2), date.day)) {
    return std::nullopt;
  }
  if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > days_in_month(date.year, date.month)) {
    return std::nullopt;
  }
  return date;
}

// Howard Hinnant's days_from_civil: years begin in March, so that the leap day comes last.
int64_t days_since_epoch(const Date& date) {
  const int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

}  // namespace

Time system_now() {
  return std::chrono::system_clock::now();
}

std::string format_time(Time time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::optional<Time> parse_time(std::string_view text) {
  if (text.size() != 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z')
    return {};
  const auto date = read_date(text.substr(0, 10));
  int hour = 0, minute = 0, second = 0;
  if (!date || !read_number(text.substr(11, 2), hour) || !read_number(text.substr(14, 2), minute) ||
      !read_number(text.substr(17, 2), second) || hour > 23 || minute > 59 || second > 60) {
    return {};
  }
  return Time(std::chrono::seconds(((days_since_epoch(*date) * 24 + hour) * 60 + minute) * 60 + second));
}

bool is_date(std::string_view text) {
  return read_date(text).has_value();
}

Result<std::chrono::seconds> parse_duration(std::string_view text) {
  constexpr int64_t longest = int64_t{36500} * 24 * 3600;
  int64_t unit = 0;
  if (text.ends_with('s')) unit = 1;
  if (text.ends_with('m')) unit = 60;
  if (text.ends_with('h')) unit = 3600;
  if (text.ends_with('d')) unit = 24 * 3600;
  int number = 0;
  if (unit == 0 || !read_number(text.substr(0, text.size() - 1), number) || number == 0 ||
      number > longest / unit) {
    return fail(ErrorCode::invalid_input, "\"" + std::string(text) + "\" is not a length of time.",
                "Write a number and a unit, as in 10s, 5m, 1h or 30d.");
  }
  return std::chrono::seconds(number * unit);
}

}  // namespace clickflow::sandbox
