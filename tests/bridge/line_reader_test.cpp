#include "clickflow/bridge/line_reader.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/random_text.h"

using clickflow::bridge::Channel;
using clickflow::bridge::kept_of_long_line;
using clickflow::bridge::LineReader;
using clickflow::bridge::max_line;
using clickflow::testing::RandomText;

namespace {

// The pieces one after another, each cut to what the reader has room for.
std::function<size_t(char*, size_t)> filling(std::vector<std::string> pieces) {
  return [pieces = std::move(pieces), piece = size_t{0}, from = size_t{0}](char* data, size_t size) mutable {
    while (piece < pieces.size() && from == pieces[piece].size()) {
      ++piece;
      from = 0;
    }
    if (piece == pieces.size()) return size_t{0};
    const size_t count = pieces[piece].copy(data, size, from);
    from += count;
    return count;
  };
}

std::vector<std::string> lines(std::vector<std::string> pieces) {
  LineReader reader(filling(std::move(pieces)));
  std::vector<std::string> result;
  std::string line;
  for (;;) {
    const auto read = reader.read(line);
    if (read == Channel::Read::end) return result;
    result.push_back(read == Channel::Read::too_long ? "[too long]" : line);
  }
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("A stream is cut into its lines, which end with LF or CRLF") {
  CHECK(lines({"a\nb\r\n\n\r\nc\rd\n"}) == Lines{"a", "b", "", "", "c\rd"});
  CHECK(lines({"a\r\r\n"}) == Lines{"a\r"});
  CHECK(lines({}).empty());
  CHECK(lines({std::string("a\0b\n", 4)}) == Lines{std::string("a\0b", 3)});
}

TEST_CASE("A last line without its end is dropped") {
  CHECK(lines({"a\nb"}) == Lines{"a"});
  CHECK(lines({"b"}).empty());
  CHECK(lines({"a\n\r"}) == Lines{"a"});
}

TEST_CASE("Lines are the same in whatever pieces they arrive") {
  RandomText random(12);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (size_t i = random.number(20); i > 0; --i)
      text += random.one_of<std::string>({"a", "\n", "\r\n", "\r", "{\"a\":1}", std::string(1, '\0'), ""});
    const auto whole = lines({text});
    CAPTURE(round, text);
    CHECK(lines(random.pieces(text)) == whole);
    CHECK(whole.size() == static_cast<size_t>(std::count(text.begin(), text.end(), '\n')));
  }
}

TEST_CASE("A line of the limit's length passes, and one byte more is passed over whole") {
  const std::string longest(max_line, 'x');
  const auto read = lines({longest, "\n", longest + "y\nnext\n", longest, longest, "\r\nlast\n"});
  REQUIRE(read.size() == 5);
  CHECK((read[0] == longest));
  CHECK(read[1] == "[too long]");
  CHECK(read[2] == "next");
  CHECK(read[3] == "[too long]");
  CHECK(read[4] == "last");
}

TEST_CASE("The end is the end, however often one asks") {
  LineReader reader(filling({"a\n"}));
  std::string line;
  CHECK(reader.read(line) == Channel::Read::line);
  CHECK(reader.read(line) == Channel::Read::end);
  CHECK(reader.read(line) == Channel::Read::end);
}

TEST_CASE("Of a line that is too long its beginning and its end are there, in whatever pieces it came") {
  const std::string beginning(kept_of_long_line, 'a'), end(kept_of_long_line, 'z');
  const size_t last_piece = GENERATE(1, 100, 1024, 100'000);
  const std::string text = beginning + std::string(max_line, 'x') + end;
  const size_t cut = text.size() - last_piece;
  LineReader reader(filling({text.substr(0, cut), text.substr(cut), "\nnext\n"}));
  std::string line;
  CHECK(reader.read(line) == Channel::Read::too_long);
  CHECK(line == beginning + end);
  CHECK(reader.read(line) == Channel::Read::line);
  CHECK(line == "next");
}
