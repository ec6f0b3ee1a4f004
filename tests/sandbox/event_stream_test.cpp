#include "clickflow/sandbox/event_stream.h"

#include <catch2/catch_test_macros.hpp>

using namespace clickflow::sandbox;
using Next = EventReader::Next;

TEST_CASE("A reader gets what was sent before and after it came, then the end") {
  const auto stream = std::make_shared<EventStream>(7, false);
  stream->send("1");
  const auto reader = stream->read(0);
  std::string text;
  REQUIRE(reader->next(text, 0) == Next::text);
  CHECK(text == "id: 7-1\nevent: message\ndata: 1\n\n");
  CHECK(reader->next(text, 0) == Next::nothing);
  stream->send("2");
  stream->close();
  stream->send("3");
  REQUIRE(reader->next(text, 0) == Next::text);
  CHECK(text == "id: 7-2\nevent: message\ndata: 2\n\n");
  CHECK(reader->next(text, 0) == Next::end);
}

TEST_CASE("A primed stream begins with an event that has an id and no data") {
  const auto stream = std::make_shared<EventStream>(7, true);
  std::string text;
  const auto reader = stream->read(0);
  REQUIRE(reader->next(text, 0) == Next::text);
  CHECK(text == "id: 7-0\nretry: 500\ndata: \n\n");
  CHECK(reader->next(text, 0) == Next::nothing);
}

TEST_CASE("The events of a stream that can't be taken up again have no ids") {
  const auto stream = std::make_shared<EventStream>();
  stream->send("1");
  std::string text;
  REQUIRE(stream->read(0)->next(text, 0) == Next::text);
  CHECK(text == "event: message\ndata: 1\n\n");
}

TEST_CASE("A reader that comes back gets only what it missed, even after the end") {
  const auto stream = std::make_shared<EventStream>(7, true);
  for (const char* message : {"1", "2", "3"}) stream->send(message);
  stream->close();
  std::string text;
  const auto reader = stream->read(2);
  REQUIRE(reader->next(text, 0) == Next::text);
  CHECK(text == "id: 7-3\nevent: message\ndata: 3\n\n");
  CHECK(reader->next(text, 0) == Next::end);
}

TEST_CASE("A second reader takes over from the first") {
  const auto stream = std::make_shared<EventStream>(7, false);
  const auto first = stream->read(0);
  const auto second = stream->read(0);
  stream->send("1");
  std::string text;
  CHECK(first->next(text, 0) == Next::end);
  CHECK(second->next(text, 0) == Next::text);
}

TEST_CASE("Events that are gone, or never were, can't be read again") {
  const auto stream = std::make_shared<EventStream>(7, false);
  CHECK_FALSE(stream->read(1));
  for (int i = 0; i < 1001; ++i) stream->send("x");
  CHECK_FALSE(stream->read(0));
  CHECK(stream->read(1));
  CHECK(stream->read(1001));
  CHECK_FALSE(stream->read(1002));
}

TEST_CASE("An event's id tells its stream and its number") {
  int stream = 0;
  uint64_t number = 0;
  REQUIRE(parse_event_id("12-345", stream, number));
  CHECK(stream == 12);
  CHECK(number == 345);
  for (const char* id : {"", "-", "1-", "-1", "1", "a-1", "1-a", "1--1", "1-2-3", "99999999999-1"}) {
    CAPTURE(id);
    CHECK_FALSE(parse_event_id(id, stream, number));
  }
}
