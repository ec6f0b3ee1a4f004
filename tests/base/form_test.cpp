#include "clickflow/base/form.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace clickflow;
using namespace std::string_literals;

TEST_CASE("A form is written so that nothing in a value can end it") {
  const Form form{{"a", "1 2"}, {"b&c", "x=y&z"}, {"d", "é\0%+"s}};
  CHECK(form.encode() == "a=1%202&b%26c=x%3Dy%26z&d=%C3%A9%00%25%2B");
}

TEST_CASE("A form is read back as it was written") {
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  const auto form = Form::decode(Form{{every, every}, {"empty", ""}}.encode());
  REQUIRE(form);
  CHECK(form->get(every) == every);
  CHECK(form->get("empty") == "");
  CHECK_FALSE(form->get("absent"));
}

TEST_CASE("A plus sign is a space, and fields may lack a value or be empty") {
  const auto form = Form::decode("&a=b+c&&d&e=&a=2&");
  REQUIRE(form);
  CHECK(form->get("a") == "b c");
  CHECK(form->count("a") == 2);
  CHECK(form->get("d") == "");
  CHECK(form->get("e") == "");
}

TEST_CASE("A broken percent sequence makes the whole form unreadable") {
  const auto* text = GENERATE("a=%", "a=%4", "a=%zz", "%g1=a", "a=b&c=%2");
  CAPTURE(text);
  CHECK_FALSE(Form::decode(text));
}
