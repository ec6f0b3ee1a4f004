#include "clickflow/base/base64.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace clickflow;
using namespace std::string_literals;

TEST_CASE("Base64 is written as RFC 4648 shows it") {
  CHECK(base64_encode("") == "");
  CHECK(base64_encode("f") == "Zg==");
  CHECK(base64_encode("foobar") == "Zm9vYmFy");
  CHECK(base64_encode("\xff\xfe\xfd") == "//79");
}

TEST_CASE("Base64url has the alphabet for URLs and no padding, and is read back") {
  CHECK(base64url_encode("f") == "Zg");
  CHECK(base64url_encode("\xff\xfe\xfd") == "__79");
  for (const auto& bytes : {""s, "f"s, "fo"s, "foo"s, "foob"s, "\0\xff\0"s}) {
    CHECK(base64url_decode(base64url_encode(bytes)) == bytes);
  }
}

TEST_CASE("What is not base64url is not read") {
  const auto* text = GENERATE("Zg==", "Z", "Zh", "Zm+v", "Zm/v", "Zm v", "Zm9vY");
  CAPTURE(text);
  CHECK_FALSE(base64url_decode(text));
}
