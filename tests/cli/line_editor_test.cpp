#include "../src/cli/line_editor.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>

using clickflow::cli::LineEditor;
using State = LineEditor::State;

TEST_CASE("A line is what its keys make of it") {
  struct Row {
    const char* keys;
    const char* line;
  };
  const auto row =
      GENERATE(Row{"cf_ak_1\r", "cf_ak_1"}, Row{"cf_ak_1\n", "cf_ak_1"}, Row{"\n", ""},
               Row{"ab\x7f\bc\n", "c"}, Row{"\x7f\x7fx\n", "x"}, Row{"wrong\x15right\n", "right"},
               Row{"one two  \x17three\n", "one three"}, Row{"one\x17two\n", "two"}, Row{"a\x1b[Db\n", "ab"},
               Row{"a\x1b[1;5Cb\n", "ab"}, Row{"a\x1bOPb\n", "ab"}, Row{"a\x1b[200~b\x1b[201~c\n", "abc"},
               Row{"a\tb\x01\x1a"
                   "c\n",
                   "abc"},
               Row{"x\xc3\xa4\x7fy\n", "xy"}, Row{"\xe2\x82\xac\x7f\x7fy\n", "y"},
               Row{"ab\x04"
                   "c\n",
                   "abc"});
  LineEditor editor(100);
  std::string shown;
  State state = State::more;
  for (const char* key = row.keys; *key; ++key) {
    REQUIRE(state == State::more);
    state = editor.key(*key, shown);
  }
  CHECK(state == State::done);
  CHECK(editor.take() == row.line);
}

TEST_CASE("What is shown of a line is what stands on it") {
  LineEditor editor(100);
  std::string shown;
  for (const char key : std::string("ab\x1b[D\x7f\xc3\xa4\x7f")) editor.key(key, shown);
  CHECK(shown == "ab\b \b\xc3\xa4\b \b");
}

TEST_CASE("Ctrl-C ends at once, and Ctrl-D where nothing was entered") {
  LineEditor editor(100);
  std::string shown;
  CHECK(editor.key('\x04', shown) == State::cancelled);
  editor.key('a', shown);
  CHECK(editor.key('\x04', shown) == State::more);
  CHECK(editor.key('\x03', shown) == State::cancelled);
}

TEST_CASE("A line that is too long is not cut but refused") {
  LineEditor editor(3);
  std::string shown;
  for (const char key : std::string("abc")) CHECK(editor.key(key, shown) == State::more);
  CHECK(editor.key('d', shown) == State::too_long);
}
