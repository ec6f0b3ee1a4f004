#include "clickflow/sandbox/time.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace clickflow::sandbox;

TEST_CASE("A time is read back as it was written") {
  const auto text = GENERATE("1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-11-24T03:40:14Z",
                             "2027-03-01T00:00:00Z", "2100-12-31T12:00:00Z");
  CAPTURE(text);
  const auto time = parse_time(text);
  REQUIRE(time);
  CHECK(format_time(*time) == text);
}

TEST_CASE("What is no time in UTC is not read") {
  const auto text =
      GENERATE("", "2026-11-24", "2026-11-24T03:40:14", "2026-11-24 03:40:14Z", "2026-13-24T03:40:14Z",
               "2026-02-29T03:40:14Z", "2026-11-24T24:00:00Z", "2026-11-24T03:-1:14Z");
  CAPTURE(text);
  CHECK_FALSE(parse_time(text));
}

TEST_CASE("Only a day that exists is a date") {
  CHECK(is_date("2028-02-29"));
  for (const char* text : {"2027-02-29", "2026-04-31", "2026-00-10", "2026-1-1", "24.11.2026", "soon"}) {
    CAPTURE(text);
    CHECK_FALSE(is_date(text));
  }
}

TEST_CASE("A length of time is a number and a unit") {
  CHECK(parse_duration("10s") == std::chrono::seconds(10));
  CHECK(parse_duration("5m") == std::chrono::minutes(5));
  CHECK(parse_duration("1h") == std::chrono::hours(1));
  CHECK(parse_duration("30d") == std::chrono::hours(720));
  for (const char* text : {"", "10", "s", "0s", "-1h", "1.5h", "1w", "99999999999d", "36501d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}
