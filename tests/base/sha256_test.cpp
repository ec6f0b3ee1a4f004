#include "clickflow/base/sha256.h"

#include <catch2/catch_test_macros.hpp>

TEST_CASE("The digest is the one of FIPS 180-2's example") {
  CHECK(clickflow::sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(clickflow::sha256("abc").size() == 32);
}
