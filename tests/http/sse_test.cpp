#include "clickflow/http/sse.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <vector>

#include "support/random_text.h"

using clickflow::http::SseEvent;
using clickflow::http::SseParser;
using clickflow::testing::RandomText;

namespace {

constexpr size_t large = 1024 * 1024;

// What came of a stream: its events as "name|data", the last id and the last retry.
struct Outcome {
  std::vector<std::string> events;
  std::string id;
  std::optional<int> retry;
  bool too_long = false;

  bool operator==(const Outcome&) const = default;
};

Outcome read(const std::vector<std::string>& pieces, size_t max_event = large) {
  SseParser parser(max_event);
  Outcome outcome;
  for (const auto& piece : pieces) {
    const bool goes_on = parser.feed(piece, [&](SseEvent event) {
      outcome.events.push_back(event.event + "|" + event.data);
      return true;
    });
    if (!goes_on) break;
  }
  outcome.id = parser.last_event_id();
  outcome.retry = parser.retry();
  outcome.too_long = parser.too_long();
  return outcome;
}

std::vector<std::string> events(const std::string& text) {
  return read({text}).events;
}

using Events = std::vector<std::string>;

}  // namespace

TEST_CASE("The standard's own examples of a stream give the events that it says") {
  // WHATWG HTML, section 9.2.6.
  CHECK(events("data: YHOO\ndata: +2\ndata: 10\n\n") == Events{"message|YHOO\n+2\n10"});
  const auto second =
      read({": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n"});
  CHECK(second.events == Events{"message|first event", "message|second event"});
  CHECK(second.id.empty());
  CHECK(events("data\n\ndata\ndata\n\ndata:") == Events{"message|", "message|\n"});
  CHECK(events("data:test\n\ndata: test\n\n") == Events{"message|test", "message|test"});
}

TEST_CASE("Lines end with LF, CR or CRLF, mixed as well") {
  const auto text =
      GENERATE("data: a\ndata: b\n\ndata: c\n\n", "data: a\rdata: b\r\rdata: c\r\r",
               "data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", "data: a\rdata: b\n\r\ndata: c\r\n\r",
               "data: a\r\ndata: b\r\rdata: c\n\n", "\r\n\n\rdata: a\ndata: b\n\ndata: c\n\n\n\r\n");
  CHECK(events(text) == Events{"message|a\nb", "message|c"});
}

TEST_CASE("One byte-order mark before the first line is passed over, and no other") {
  CHECK(events("\xEF\xBB\xBF"
               "data: a\n\n") == Events{"message|a"});
  CHECK(events("\xEF\xBB\xBF\ndata: a\n\n") == Events{"message|a"});
  CHECK(events("\xEF\xBB\xBF: comment\ndata: a\n\n") == Events{"message|a"});
  CHECK(events("\xEF\xBB\xBF\xEF\xBB\xBF"
               "data: a\n\n")
            .empty());
  CHECK(events("data: a\n\xEF\xBB\xBF"
               "data: b\n\n") == Events{"message|a"});
  CHECK(events("\n\xEF\xBB\xBF"
               "data: b\n\n")
            .empty());
}

TEST_CASE("An event has its name, and an unknown field or a comment changes nothing") {
  CHECK(events("event: ping\ndata: x\n\n") == Events{"ping|x"});
  CHECK(events("event: a\nevent: b\ndata: x\n\n") == Events{"b|x"});
  CHECK(events("event: a\nevent:\ndata: x\n\n") == Events{"message|x"});
  CHECK(events("event: a\n\ndata: x\n\n") == Events{"message|x"});
  CHECK(events("Data: a\n data: b\ndatax: c\ndat: d\n:data: e\nfoo\ndata: x\n\n") == Events{"message|x"});
  CHECK(events(std::string(5'000, 'd') + ": y\ndata: x\n\n") == Events{"message|x"});
  CHECK(events("data: a: b\n\n") == Events{"message|a: b"});
  CHECK(events("data:\n\n") == Events{"message|"});
}

TEST_CASE("An event that was not ended by its blank line is never delivered") {
  const auto text = GENERATE("data: a", "data: a\n", "data: a\r\n", "data: a\nid: 1\n", "", "\n\n",
                             "id: 1\n\n", "event: x\n\n", ": a\n\n");
  CAPTURE(text);
  CHECK(events(text).empty());
}

TEST_CASE("The last id is that of the last event that was ended") {
  CHECK(read({"id: 1\ndata: a\n\nid: 2\ndata: b\n\n"}).id == "2");
  // Else a stream would be taken up again behind an event that never came.
  CHECK(read({"id: 1\ndata: a\n\nid: 2\ndata: b"}).id == "1");
  CHECK(read({"id: 1\ndata: a\n\nid: 2\ndata: b\n"}).id == "1");
  CHECK(read({"id: 1\ndata: a\n\nid: 2\n\n"}).id == "2");
  CHECK(read({"id: 1\ndata: a\n\ndata: b\n\n"}).id == "1");
  CHECK(read({"id: 1\n\nid\n\n"}).id.empty());
  CHECK(read({"id: 1\n\nid:\n\n"}).id.empty());
  CHECK(read({std::string("id: 1\n\nid: 2\0x\n\n", 16)}).id == "1");
}

TEST_CASE("Only digits are a time to retry after") {
  CHECK(read({"retry: 1500\n"}).retry == 1500);
  CHECK(read({"retry:0\n"}).retry == 0);
  CHECK(read({"retry: 1\nretry: 2\n"}).retry == 2);
  const auto text = GENERATE("retry\n", "retry:\n", "retry: x\n", "retry: 1s\n", "retry: -1\n", "retry: +1\n",
                             "retry: 1.5\n", "retry:  1\n", "retry: 99999999999999999999\n", "retry: 1500");
  CAPTURE(text);
  CHECK_FALSE(read({text}).retry);
  CHECK(read({"retry: 7\n", text}).retry == 7);
}

TEST_CASE("An event beyond the limit is refused, and what came before it counts") {
  const auto exact = read({"data: 12345\n\ndata: 1234\n\n"}, 5);
  CHECK_FALSE(exact.too_long);
  CHECK(exact.events == Events{"message|12345", "message|1234"});

  const auto text = GENERATE("data: 123456\n\n", "data: 123456", "data: 123\ndata: 45\n\n",
                             "id: 123456\ndata: x\n\n", "event: 123456\ndata: x\n\n",
                             // Each line adds a line end, though it brings nothing.
                             "data\ndata\ndata\ndata\ndata\ndata\ndata\ndata\n\n",
                             "data:\ndata:\ndata:\ndata:\ndata:\ndata:\ndata:\ndata:\n\n");
  CAPTURE(text);
  const auto outcome = read({"data: a\n\n", text}, 5);
  CHECK(outcome.too_long);
  CHECK(outcome.events == Events{"message|a"});
}

TEST_CASE("Comments and unknown fields may be of any length") {
  const auto outcome =
      read({":" + std::string(1'000, 'x') + "\nfoo: " + std::string(1'000, 'y') + "\ndata: a\n\n"}, 5);
  CHECK_FALSE(outcome.too_long);
  CHECK(outcome.events == Events{"message|a"});
}

TEST_CASE("A receiver that wants no more gets no more") {
  SseParser parser(large);
  int count = 0;
  CHECK_FALSE(parser.feed("data: a\n\ndata: b\n\n", [&](const SseEvent&) {
    ++count;
    return false;
  }));
  CHECK(count == 1);
  CHECK_FALSE(parser.too_long());
}

TEST_CASE("A stream means the same wherever it is cut in two") {
  const auto text =
      GENERATE(as<std::string>{},
               "\xEF\xBB\xBF"
               "event: one\r\nid: 7\r\ndata: a\xC3\xA9: b\r\ndata\r\n\r\n: comment\rretry: 30\r\rdata:x\n\n",
               "\xEF\xBB\xBF\xEF\xBB\xBF"
               "data: a\n\ndata: b\r\r\ndata: c\r\n\rid: 9\n\nid\ndata:  two\n\n",
               std::string("id: a\0b\nid: c\ndata:\0\n\n", 23), "data:\n\ndata: \n\ndata:  \n\n",
               "\r\r\n\n\rdata: \r\n:\r\n\r\nevent:\nevent\ndata: {\"a\":\"b\"}\n\n");
  const auto whole = read({text});
  CHECK_FALSE(whole.events.empty());
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    if (read({text.substr(0, cut), text.substr(cut)}) != whole) FAIL("another meaning");
  }
  std::vector<std::string> bytes;
  for (char c : text) bytes.emplace_back(1, c);
  CHECK(read(bytes) == whole);
}

TEST_CASE("A random stream means the same in whatever pieces it arrives, the limit included") {
  RandomText random(99);
  const std::vector<std::string> parts{
      "data", "data:",        "data: ", "id: ",     "event: ", "retry: ",           ":",
      " ",    "\n",           "\n\n",   "\r",       "\r\n",    "\r\n\r\n",          "abc",
      "12",   "\xEF\xBB\xBF", "foo: ",  "\xC3\xA9", "id",      std::string(1, '\0')};
  for (int round = 0; round < 3'000; ++round) {
    std::string text;
    for (size_t i = random.number(30); i > 0; --i) text += random.one_of(parts);
    const size_t limit = random.chance(30) ? random.number(8) : large;
    const auto whole = read({text}, limit);
    const auto pieces = random.pieces(text);
    CAPTURE(round, text, pieces, limit);
    if (read(pieces, limit) != whole) FAIL("another meaning");
  }
}
