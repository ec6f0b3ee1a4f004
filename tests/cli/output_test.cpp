#include "clickflow/cli/output.h"

#include <catch2/catch_test_macros.hpp>

using clickflow::cli::printable;

TEST_CASE("What a server says can't take over the terminal") {
  CHECK(printable("a\x1b[31mb\x07\x08") == "a[31mb");
  CHECK(printable("a\nb\tc\rd") == "a\nb\tcd");
  CHECK(printable("\x7f") == "");
  CHECK(printable(std::string_view("a\0b", 3)) == "ab");
  CHECK(printable("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") == "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  // U+009B is ESC [ in one character.
  CHECK(printable("a\xC2\x9B"
                  "31mb\xC2\x80\xC2\x9F\xC2\xA0") == "a31mb\xC2\xA0");
}
